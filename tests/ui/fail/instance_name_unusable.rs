use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [
            level: Slack,
            enabled: Slack,
            default: Slack,
            global: Slack,
            _ops: Slack,
            ops_: Slack,
            night__shift: Slack,
            Ops: Slack,
            r#type: Slack,
            self: Slack,
            r#shop: Slack,
            größe: Slack,
            "dev": Slack,
        ],
    }
}

fn main() {}
