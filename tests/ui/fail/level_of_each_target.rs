logout::logout! {
    struct Alerts {
        level: "info,hyper=error,sqlx=off",
        adapters: [logout::Slack { level: "shop=debug" }, logout::Discord { level: ">=warn" }],
    }
}

fn main() {}
