logout::logout! {
    struct Alerts {
        environment: System.get_env("MIX_ENV"),
        project_name: ["Shop"],
        release: "v" + env!("CARGO_PKG_VERSION"),
        sync_threshold: nil,
        quiet_notice: None,
        sync_timeout: 100.millis(),
        truncate: 8.kib(),
        quiet: (15, "min"),
        remind: ["5m", ..],
        trail: (20, DEBUG),
        spool: "true",
        adapters: [logout::Slack],
    }
}

logout::logout! {
    struct Dotted {
        release: v1.2,
        environment: process.env.STAGE,
        project_name: env::var("APP")?,
        adapters: [logout::Slack],
    }
}

fn main() {}
