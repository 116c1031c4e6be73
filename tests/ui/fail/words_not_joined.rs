logout::logout! {
    struct my-alerts {
        project-name: "shop",
        sync.threshold: 20,
        adapters: [logout::Slack { thread-ts: "1700000000.000100" }],
    }
}

fn main() {
    let _ = MyAlerts::from_env;
}
