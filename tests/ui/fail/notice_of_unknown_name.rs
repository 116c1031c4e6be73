logout::logout! {
    struct Alerts {
        notices: [Crash, "started", Restarted],
        adapters: [logout::Slack],
    }
}

logout::logout! {
    struct Bare { notices: Crashed, adapters: [logout::Slack] }
}

logout::logout! {
    struct Off { notices: off, adapters: [logout::Slack] }
}

fn main() {}
