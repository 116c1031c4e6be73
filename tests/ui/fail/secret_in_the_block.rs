logout::logout! {
    struct Alerts {
        bot_token: "123456:ABC",
        discord_webhook: "https://discord.com/api/webhooks/1/x",
        env_prefix: "SHOP_",
        adapters: [
            Slack { url: env!("SLACK_WEBHOOK_URL") },
            ops: Slack { webhook_url: std::env::var("OPS").unwrap() },
            Telegram { token: "123456:ABC", chat_id: std::env::var("CHAT")? },
            Zulip { bot_api_key: option_env!("ZULIP").unwrap(), stream: "ops" },
            Discord { url: $DISCORD },
        ],
    }
}

fn main() {}
