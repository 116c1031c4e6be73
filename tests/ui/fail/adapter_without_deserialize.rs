#[derive(Default)]
struct Pager {}

impl logout::Adapter for Pager {
    fn render(&self, _: &logout::Notice, _: logout::adapter::Step<'_>, _: &mut logout::adapter::Request) {}
}

logout::logout! {
    struct Alerts { adapters: [Pager] }
}

fn main() {}
