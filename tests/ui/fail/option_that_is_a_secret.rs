#[path = "../support.rs"]
mod support;
use support::Pager;

logout::logout! {
    struct Alerts {
        adapters: [Pager { key: "hunter2" }],
    }
}

fn main() {}
