mod pager {}

logout::logout! {
    struct Alerts {
        adapters: [logout::Slack, pager::, oncall: pager::, night: , logout::Discord { },],
    }
}

fn main() {
    let _ = Alerts::from_env;
    let _ = (AlertsAdapter::Oncall, AlertsAdapter::Night, AlertsAdapter::Discord);
}
