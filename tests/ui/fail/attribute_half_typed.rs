use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [# Slack, #[cfg] ops: Slack],
    }
}

fn main() {
    let _ = AlertsAdapter::Slack;
}
