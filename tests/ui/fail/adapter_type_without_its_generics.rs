#[derive(Default)]
struct Webhook<T> {
    channel: T,
}

logout::logout! {
    struct Alerts {
        adapters: [Webhook],
    }
}

fn main() {}
