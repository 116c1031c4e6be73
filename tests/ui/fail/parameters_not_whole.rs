use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [ops: Slack<u8, dev: Slack],
    }
}

fn main() {
    let _ = AlertsAdapter::Ops;
}
