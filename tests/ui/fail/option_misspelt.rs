#[path = "../support.rs"]
mod support;
use support::Pager;

logout::logout! {
    struct Alerts {
        adapters: [Pager { topik: "a" }],
    }
}

fn main() {}
