logout::logout! {
    struct Alerts {
        adapters: [ops: logout::Slack],
    }
}

fn main() {
    let _ = AlertsAdapter::Opps;
}
