logout::logout! {
    struct Alerts {
        level: Severity::Warning,
        spans: LogLevel::Info,
        adapters: [logout::Slack],
    }
}

fn main() {}
