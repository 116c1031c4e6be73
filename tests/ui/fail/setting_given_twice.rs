logout::logout! {
    struct Alerts {
        level: WARN,
        adapters: [],
        level: ERROR,
        adapters: [logout::Slack],
    }
}

fn main() {}
