logout::logout! {
    struct Alerts {
        format: concat!("$level", " $message"),
    }
}

fn main() {}
