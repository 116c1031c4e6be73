logout::logout! {
    struct Alerts {
        adapters: [
            logout::Slack { retries: 3, timeout: "5s", mention: ["here", "U123"], continue: true },
            ops: logout::Slack { fallback: Discord },
        ],
    }
}

fn main() {}
