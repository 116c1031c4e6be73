//! Built-in adapters by name, which need no import, and yield to the program's own.
#![deny(warnings)]

use logout::__private::BlockDefinition as _;
use logout::logout;

logout! {
    struct Built { adapters: [Slack, Discord, ops: Telegram { message_thread_id: 5 }, Zulip] }
}

mod own {
    use logout::adapter::{Request, Step};
    use logout::{Adapter, Notice, logout};

    /// An adapter of the same name as the library's.
    #[derive(Default, serde::Deserialize)]
    struct Slack {
        #[serde(default)]
        colour: String,
    }

    impl Adapter for Slack {
        fn render(&self, _: &Notice, _: Step<'_>, request: &mut Request) {
            request.json(&self.colour);
        }
    }

    logout! {
        pub(crate) struct Alerts { adapters: [Slack { colour: "red" }] }
    }
}

pub(crate) fn use_them() {
    assert_eq!(Built::index(BuiltAdapter::Ops), 2);
    let keys = own::Alerts::keys();
    assert!(keys.iter().any(|key| key.path() == "slack.colour"));
}
