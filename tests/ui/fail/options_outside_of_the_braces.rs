logout::logout! {
    struct Alerts {
        adapters: [
            Slack: [level: :error],
            Discord => { level: ERROR },
            Telegram = (chat_id: 5),
            Zulip stream: "alerts",
            topic: "deploys",
            parse_mode: "HTML",
        ],
    }
}

fn main() {}
