logout::logout! {
    struct Alerts {
        dedupe: true,
        sample_rate: 0.5,
        panic: true,
        timezone: "UTC",
        adapters: [logout::Slack { format: "%level %msg" }, logout::Discord { format: "$(message)" }, logout::Telegram { format: "$lvl $host" }],
        spool_dir: "/var/lib/shop",
        # a comment
    }
}

fn main() {}
