logout::logout! {
    struct Alerts {
        route: { receiver: Slack },
        group_wait: "30s",
        repeat_interval: "4h",
        remind: "4h",
        mute_time_intervals: ["weekends"],
        silences: ["3fa9c1"],
        slack_configs: [{ channel: "#ops" }],
        adapters: [logout::Slack { send_resolved: true }],
        proxy: "http://proxy:3128",
        worker_threads: 2,
    }
}

fn main() {}
