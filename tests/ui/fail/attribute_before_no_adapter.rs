use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [
            Slack,
            #[cfg(unix)]
        ],
    }
}

fn main() {}
