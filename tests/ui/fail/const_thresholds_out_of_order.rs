const MANY: usize = 1_000;
const NONE: usize = 0;

logout::logout! {
    struct Alerts {
        sync_threshold: MANY,
        discard_threshold: 500,
    }
}

logout::logout! {
    struct Nothing {
        discard_threshold: NONE,
    }
}

fn main() {}
