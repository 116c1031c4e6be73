use logout::adapter::{Request, Secret, Step};
use logout::{Adapter, Notice};

#[derive(Default, serde::Deserialize)]
struct Pager {
    key: Secret,
}

impl Adapter for Pager {
    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}
}

logout::logout! {
    struct Alerts { adapters: [Pager { key: Secret::new("abc") }] }
}

fn main() {}
