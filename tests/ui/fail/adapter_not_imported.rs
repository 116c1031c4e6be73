logout::logout! {
    struct Alerts {
        adapters: [ops: Slack],
    }
}

fn main() {}
