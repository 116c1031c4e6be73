logout::logout! {
    struct Alerts {
        adapters: [
            Box::new(Slack),
            ops: std::sync::Arc::new(Slack { level: ERROR }),
            Some(Discord),
            Box::new(pager),
        ],
    }
}

fn main() {}
