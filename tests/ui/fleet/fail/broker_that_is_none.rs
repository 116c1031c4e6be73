#[derive(Debug, Default, serde::Deserialize)]
struct NotABroker {
    table: String,
}

logout::logout! {
    struct Alerts {
        adapters: [logout::Slack],
        fleet: NotABroker { name: "shop", table: "alerts" },
    }
}

fn main() {}
