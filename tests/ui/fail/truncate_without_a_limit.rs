logout::logout! {
    struct Alerts {
        truncate: None,
    }
}

fn main() {}
