logout::logout! {
    struct Alerts {
        adapters: [("ops", Slack), {:night, Discord, level: :error}, (dev, Zulip)],
    }
}

fn main() {}
