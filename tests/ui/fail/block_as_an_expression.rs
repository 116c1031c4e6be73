fn main() {
    let (alerts, guard) = logout::logout! {
        pub struct Alerts { adapters: [logout::Slack] }
    };
}
