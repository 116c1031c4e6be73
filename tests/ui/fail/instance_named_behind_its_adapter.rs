use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [Slack as ops],
    }
}

fn main() {}
