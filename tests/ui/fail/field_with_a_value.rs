logout::logout! {
    struct Alerts {
        metadata: [http::status, order: 5],
    }
}

fn main() {}
