use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [ops-night: Slack, shop.dev: Slack { level: ERROR }, team::ops: Slack],
    }
}

fn main() {}
