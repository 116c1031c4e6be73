logout::logout! {
    struct Alerts {
        level: [WARN, ERROR],
    }
}

fn main() {}
