logout::logout! {
    struct Alerts {
        mention: "here",
        stream: "alerts",
        channel: "#ops",
        allow_http: true,
        adapters: [
            ops: Slack { enabled: false, project_name: "shop", channel: "#ops" },
            Discord { allow_http: true, thread_ts: "1", mute: ["3fa9c1"] },
            Telegram { dry_run: true, chat: 5 },
        ],
    }
}

fn main() {}
