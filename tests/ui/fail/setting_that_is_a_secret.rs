logout::logout! {
    struct Alerts {
        slack_webhook_url: "https://hooks.example.org",
        bot_token: "123456:ABC",
    }
}

fn main() {}
