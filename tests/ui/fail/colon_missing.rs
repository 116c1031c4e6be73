use logout::Slack;

logout::logout! {
    struct Alerts {
        project_name "shop",
        adapters [logout::Slack { level ERROR }, ops Slack],
    }
}

fn main() {}
