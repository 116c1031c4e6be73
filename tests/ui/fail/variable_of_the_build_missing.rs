logout::logout! {
    struct Alerts {
        release: env!("THE_RELEASE_THAT_NOBODY_SET"),
        adapters: [ops: logout::Zulip { topic: env!("THE_TOPIC_THAT_NOBODY_SET") }],
    }
}

fn main() {}
