logout::logout! {
    struct Alerts {
        remind: "1m",
        adapters: [
            a: logout::Slack { remind: [] },
            b: logout::Slack { remind: false },
            c: logout::Slack { remind: "off" },
            d: logout::Slack { remind: [1m, "5m"] },
            e: logout::Slack { remind: ["soon"] },
            f: logout::Slack { remind: [60] },
            g: logout::Slack { remind: [off] },
        ],
    }
}

fn main() {}
