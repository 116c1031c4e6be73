logout::logout! {
    struct Alerts {
        mask: [!auth, not token, ~iban, "*_pin", card.*],
        metadata: "*",
        adapters: [logout::Slack { metadata: [*] }],
    }
}

fn main() {}
