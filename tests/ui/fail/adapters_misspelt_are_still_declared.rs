logout::logout! {
    pub strcut Alerts {
        adpaters: [ops: logout::Slack],
    }
}

fn main() {
    let _ = Alerts::from_env;
    let _ = AlertsAdapter::Ops;
}
