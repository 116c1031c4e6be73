logout::logout! {
    struct Alerts {
        level: tracing::Level::WARN,
    }
}

fn main() {}
