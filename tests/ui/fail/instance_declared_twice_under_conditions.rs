use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [
            #[cfg(all())]
            ops: Slack,
            #[cfg(not(any()))]
            ops: Slack,
        ],
    }
}

fn main() {}
