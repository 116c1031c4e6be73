logout::logout! {
    struct Alerts {
        adapters: [
            ops -> logout.Slack,
            dev: logout::Slack.level(ERROR),
            "discord",
            Zulip: ERROR,
            my shop: logout::Slack,
            pub night: logout::Slack where level: ERROR,
            if cfg!(unix) { Telegram },
        ],
    }
}

fn main() {
    let _ = (AlertsAdapter::Ops, AlertsAdapter::MyShop, AlertsAdapter::Night);
}
