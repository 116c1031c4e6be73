const MANY: usize = 1_000;
const NONE: usize = 0;

logout::logout! {
    struct Alerts {
        sync_threshold: MANY,
        discard_threshold: 500, adapters: [logout::Slack],
    }
}

logout::logout! {
    struct Nothing {
        discard_threshold: NONE,
        adapters: [logout::Slack],
    }
}

fn main() {}
