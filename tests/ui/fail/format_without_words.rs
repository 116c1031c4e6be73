logout::logout! {
    struct Alerts {
        format: "{level} {message}",
        adapters: [logout::Slack { format: "something happened" }],
    }
}

fn main() {}
