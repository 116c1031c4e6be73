#[path = "../support.rs"]
mod support;
use support::Pager;

logout::logout! {
    struct Alerts {
        adapters: [Pager { topic: Some("incidents"), key: env!("CARGO_PKG_NAME") }],
    }
}

fn main() {}
