logout::logout! {
    struct Alerts {
        Slack { level: ERROR },
        ops: Slack { level: ERROR },
        logout::Discord,
    }
}

fn main() {}
