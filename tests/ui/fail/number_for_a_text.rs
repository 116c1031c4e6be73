logout::logout! {
    struct Alerts {
        adapters: [
            Discord { thread_id: 123456789012345678, mention: 5 },
            Slack { thread_ts: 1763640271.123456, mention: here },
            Zulip { stream: alerts, topic: 7 },
            Telegram { message_thread_id: "12" },
        ],
    }
}

fn main() {}
