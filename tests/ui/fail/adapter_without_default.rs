#[derive(serde::Deserialize)]
struct Pager {}

impl logout::Adapter for Pager {
    fn render(&self, _: &logout::Notice, _: logout::Step<'_>, _: &mut logout::Request) {}
}

logout::logout! {
    struct Alerts {
        adapters: [Pager],
    }
}

fn main() {}
