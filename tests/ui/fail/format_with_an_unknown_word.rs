logout::logout! {
    struct Alerts {
        format: "$time [$levl] $message for $5",
        adapters: [logout::Slack { format: "$colour" }],
    }
}

fn main() {}
