logout::logout! {
    struct Alerts where Self: Send { level: WARN }
}

fn main() {}
