#[path = "../support.rs"]
mod support;
use support::Pager;

logout::logout! {
    struct Alerts {
        adapters: [Pager { topic: 5 }],
    }
}

fn main() {}
