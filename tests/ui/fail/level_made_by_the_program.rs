logout::logout! {
    struct Alerts {
        level: "warn".parse().unwrap(),
        spans: LevelFilter::from_str("info")?,
        max_level: <= ERROR,
        adapters: [logout::Slack { level: +WARN }],
    }
}

fn main() {}
