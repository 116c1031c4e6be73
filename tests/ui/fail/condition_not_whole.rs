use logout::Slack;

logout::logout! {
    #[cfg(unix && linux)]
    struct Alerts {
        adapters: [
            #[cfg(feature = pager)]
            Slack,
            #[cgf(unix)]
            ops: Slack,
        ],
    }
}

fn main() {
    let _ = (AlertsAdapter::Slack, AlertsAdapter::Ops);
}
