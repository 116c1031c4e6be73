logout::logout! {
    struct Alerts {
        level = WARN,
        project_name => "shop",
        adapters: [ops = logout::Slack { level = ERROR }],
        ignore: [target = "shop"],
    }
}

fn main() {}
