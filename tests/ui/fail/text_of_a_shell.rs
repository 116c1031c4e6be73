logout::logout! {
    struct Alerts {
        spool: "$STATE_DIRECTORY/alerts",
        environment: "${STAGE}",
        adapters: [ops: Zulip { stream: "$STREAM" }],
    }
}

logout::logout! {
    struct Home { spool: "~/alerts", adapters: [logout::Slack] }
}

logout::logout! {
    struct Path { spool: PathBuf::from("/var/lib/shop"), adapters: [logout::Slack] }
}

logout::logout! {
    struct Empty { spool: "", adapters: [logout::Slack] }
}

fn main() {}
