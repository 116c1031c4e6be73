logout::logout! {
    struct Alerts {
        memory_limit: 4 * 1024,
    }
}

fn main() {}
