logout::logout! {
    struct Alerts {
        const LEVEL: Level = WARN;
        adapters: [logout::Slack],
        fn format(notice: &Notice) -> String { String::new() }
    }
    impl Alerts {}
}

logout::logout! { Slack, Discord }

fn main() {}
