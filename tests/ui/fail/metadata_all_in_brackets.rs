logout::logout! {
    struct Alerts {
        metadata: [all],
    }
}

logout::logout! {
    struct Nothing {
        metadata: none,
    }
}

fn main() {}
