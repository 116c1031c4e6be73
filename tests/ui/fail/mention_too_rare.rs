use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

logout::logout! {
    struct Alerts {
        mention_every: "1d",
        adapters: [logout::Slack { mention_every: "2h" }],
    }
}

logout::logout! {
    struct Constants {
        adapters: [logout::Slack { mention_every: DAY }],
    }
}

fn main() {}
