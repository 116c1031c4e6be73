logout::logout! {
    struct Alerts {
        sync_threshold: 501,
        discard_threshold: 500,
    }
}

logout::logout! {
    struct AboveTheDefault {
        sync_threshold: 1_000,
    }
}

logout::logout! {
    struct BelowTheDefault {
        discard_threshold: 10,
    }
}

fn main() {}
