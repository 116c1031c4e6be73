logout::logout! {
    struct Alerts { adapters: [Slack if cfg!(unix), Discord] }
}

fn main() {}
