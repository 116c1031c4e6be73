mod pager {
    #[derive(Default, serde::Deserialize)]
    pub struct Pager {
        topic: String,
    }

    impl logout::Adapter for Pager {
        fn render(&self, _: &logout::Notice, _: logout::adapter::Step<'_>, _: &mut logout::adapter::Request) {}
    }
}

logout::logout! {
    struct Alerts {
        adapters: [pager::Pager { topic: "x" }],
    }
}

fn main() {}
