logout::logout! {
    struct Alerts {
        level: EROR,
    }
}

fn main() {}
