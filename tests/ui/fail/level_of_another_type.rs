logout::logout! {
    struct Alerts {
        level: tracing::Level::WARN,
        spans: 2 + 2,
    }
}

fn main() {}
