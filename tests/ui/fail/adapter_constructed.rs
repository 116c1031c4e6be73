logout::logout! {
    struct Alerts {
        adapters: [logout::Slack::new("x"), ops: logout::Discord::default()],
    }
}

fn main() {}
