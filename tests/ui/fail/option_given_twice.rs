#[path = "../support.rs"]
mod support;
use support::Pager;

logout::logout! {
    struct Alerts {
        adapters: [Pager { topic: "a", level: ERROR, topic: "b", level: WARN }],
    }
}

fn main() {}
