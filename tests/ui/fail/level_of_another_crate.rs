logout::logout! {
    struct Alerts {
        level: LevelFilter::Warn,
        spans: tracing::INFO,
        max_level: log::LevelFilter::Error,
        remind_from: LevelFilter::WRAN,
        adapters: [logout::Slack],
    }
}

fn main() {}
