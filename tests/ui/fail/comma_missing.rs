logout::logout! {
    struct Alerts {
        project_name: "shop"
        level: WARN;
        adapters: [
            logout::Slack { level: ERROR format: "$message" }
            dev: logout::Slack
            #[cfg(unix)]
            ops: logout::Slack
        ]
        ignore: [target: "shop" user: "bob"],,
        "level": WARN,
    }
}

fn main() {}
