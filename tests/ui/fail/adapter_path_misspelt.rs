use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [Slak, ops: Slack],
    }
}

fn main() {
    let _ = Alerts::from_env;
    let _ = AlertsAdapter::Ops;
}
