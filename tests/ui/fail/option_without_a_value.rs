#[path = "../support.rs"]
mod support;
use support::Pager;

logout::logout! {
    struct Alerts {
        adapters: [
            Pager { topic },
            dev: Pager { topic: , level },
            ops: Pager { topic: support::text(). },
            all: Pager { ..Pager::default() },
        ],
    }
}

fn main() {}
