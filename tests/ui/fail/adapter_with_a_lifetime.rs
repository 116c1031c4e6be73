use std::borrow::Cow;

use logout::adapter::{Request, Step};
use logout::{Adapter, Notice};

#[derive(Default, serde::Deserialize)]
struct Pager<'a> {
    team: Cow<'a, str>,
}

impl Adapter for Pager<'static> {
    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}
}

logout::logout! {
    struct Alerts { adapters: [Pager] }
}

logout::logout! {
    struct Anonymous { adapters: [Pager<'_>] }
}

logout::logout! {
    struct Right { adapters: [Pager<'static>] }
}

fn main() {}
