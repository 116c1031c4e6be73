logout::logout! {
    struct Alerts {
        spool: "/var/lib/shop/alerts",
        spool_sync: false,
        notices: [Crashed],
        adapters: [logout::Slack],
    }
}

fn main() {}
