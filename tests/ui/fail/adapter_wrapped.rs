logout::logout! {
    struct Alerts {
        adapters: [ops: Option<Slack>],
    }
}

fn main() {}
