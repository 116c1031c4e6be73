logout::logout! {
    struct Alerts {
        adapters: [logout::Slack { levl: ERROR, formt: "$message", ignroe: [target: "shop"] }],
    }
}

fn main() {}
