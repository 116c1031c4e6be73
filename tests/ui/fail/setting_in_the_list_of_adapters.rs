use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [Slack, level: ERROR, project_name: "shop"],
    }
}

fn main() {}
