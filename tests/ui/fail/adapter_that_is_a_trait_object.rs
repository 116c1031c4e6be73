logout::logout! {
    struct Alerts {
        adapters: [
            Box<dyn logout::Adapter>,
            ops: &dyn logout::Adapter,
            dev: &'static Slack,
            all: std::sync::Arc<Slack>,
            any: impl logout::Adapter,
            Vec<Slack>,
        ],
    }
}

fn main() {}
