logout::logout! {
    struct Alerts { adapters: [logout::Slack] }
}

logout::logout! {
    struct Alerts { adapters: [logout::Slack] }
}

fn main() {}
