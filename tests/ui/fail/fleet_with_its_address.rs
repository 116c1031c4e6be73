logout::logout! {
    struct Alerts {
        fleet: Redis { host: "localhost", port: 6379 },
        adapters: [logout::Slack],
    }
}

fn main() {}
