logout::logout! {
    struct Alerts {
        rootLogger: INFO,
        loggers: { "shop::billing": DEBUG },
        level: ALL,
        root: { level: WARN },
        format: Json,
        appenders: [logout::Slack { threshold: ERROR }],
    }
}

fn main() {}
