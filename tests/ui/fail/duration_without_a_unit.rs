logout::logout! {
    struct Alerts {
        max_age: 6 * 60 * 60,
        quiet: (15 * 60),
        shutdown_timeout: forever,
        adapters: [logout::Slack],
    }
}

fn main() {}
