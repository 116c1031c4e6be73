logout::logout! {
    struct Alerts {
        discard_threshold: 0,
    }
}

fn main() {}
