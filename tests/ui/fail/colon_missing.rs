logout::logout! {
    struct Alerts {
        project_name "shop",
        adapters [logout::Slack { level ERROR }],
    }
}

fn main() {}
