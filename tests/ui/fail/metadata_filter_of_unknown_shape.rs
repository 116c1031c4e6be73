logout::logout! {
    struct Alerts {
        metadata_filter: "my_app",
        ignore: ["my_app::noisy"],
        adapters: [
            logout::Slack { metadata_filter: [order: 42, user: ] },
            logout::Discord { ignore: { target: "my_app" } },
        ],
    }
}

fn main() {}
