use std::time::Duration;

logout::logout! {
    struct Alerts {
        quiet: "0s",
        adapters: [logout::Slack { quiet: "0" }],
    }
}

logout::logout! {
    struct Constants {
        adapters: [logout::Slack { quiet: Duration::ZERO }],
    }
}

fn main() {}
