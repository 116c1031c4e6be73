const LIMIT: tracing::level_filters::LevelFilter = tracing::level_filters::LevelFilter::WARN;

logout::logout! {
    struct Alerts {
        level: >= WARN,
        spans: if cfg!(debug_assertions) { DEBUG } else { INFO },
        adapters: [
            logout::Slack { level: !DEBUG },
            logout::Discord { level: LIMIT },
            logout::Telegram { level: wran },
        ],
    }
}

fn main() {}
