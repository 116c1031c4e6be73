logout::logout! {
    struct Alerts {
        application: "shop",
        min_level: WARN,
        backends: [logout::Slack],
        exclude: [target: "hyper"],
        rate_limit: "10/min",
        retries: 3,
        queue_size: 100,
        handle_otp_reports: true,
    }
}

fn main() {}
