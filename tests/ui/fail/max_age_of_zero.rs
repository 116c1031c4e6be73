use std::time::Duration;

logout::logout! {
    struct Alerts { adapters: [logout::Slack],
        max_age: Duration::ZERO,
    }
}

logout::logout! {
    struct Reports { adapters: [logout::Slack],
        discard_threshold_periodic_check: Duration::from_secs(0),
    }
}

logout::logout! {
    struct Written {
        max_age: "0s",
        discard_threshold_periodic_check: "0",
    }
}

fn main() {}
