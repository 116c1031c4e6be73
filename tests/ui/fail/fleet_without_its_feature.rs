logout::logout! {
    struct Alerts {
        adapters: [logout::Slack],
        fleet: Redis { name: "shop" },
    }
}

fn main() {}
