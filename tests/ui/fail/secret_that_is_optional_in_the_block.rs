use logout::adapter::{Secret, SecretUrl};

#[derive(Default, serde::Deserialize)]
struct Pager {
    key: Option<Secret>,
    url: Option<SecretUrl>,
}

impl logout::Adapter for Pager {
    fn render(&self, _: &logout::Notice, _: logout::adapter::Step<'_>, _: &mut logout::adapter::Request) {}
}

logout::logout! {
    struct Alerts {
        adapters: [Pager { key: "hunter2", url: "https://pager.example.org/x1" }],
    }
}

fn main() {}
