logout::logout! {
    struct Alerts {
        pub level: WARN,
        pub(crate) adapters: [Slack],
    }
}

fn main() {}
