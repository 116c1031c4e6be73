use std::time::Duration;

logout::logout! {
    struct Alerts {
        remind: ["1m", "5m", "5m", "2h"],
        adapters: [
            logout::Slack { remind: ["0s", "1m"] },
            ops: logout::Slack { remind: ["1", "2", "3", "4", "5", "6", "7", "8", "9"] },
        ],
    }
}

const LONG: Duration = Duration::from_secs(7_200);

logout::logout! {
    struct Constants {
        adapters: [logout::Slack { remind: [LONG, "1m"] }],
    }
}

fn main() {}
