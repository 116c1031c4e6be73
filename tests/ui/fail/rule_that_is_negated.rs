logout::logout! {
    struct Alerts {
        metadata_filter: [not target: "hyper", not(target: "h2"), target != "sqlx", user: not "bob"],
        ignore: [!target: "shop", unless target: "shop", any(target: "a", target: "b"), order > 5],
        adapters: [logout::Slack { metadata_filter: [target: "shop" && user: "bob"] }],
    }
}

fn main() {}
