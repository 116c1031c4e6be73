use tracing::level_filters::LevelFilter;

logout::logout! {
    struct Alerts {
        level: ERROR,
        max_level: WARN,
        adapters: [
            a: logout::Slack { level: INFO },
            b: logout::Slack { level: WARN, max_level: INFO },
            c: logout::Slack { level: OFF },
        ],
    }
}

logout::logout! {
    struct Constants {
        adapters: [logout::Slack { max_level: LevelFilter::DEBUG }],
    }
}

fn main() {}
