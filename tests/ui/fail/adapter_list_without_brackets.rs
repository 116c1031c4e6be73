logout::logout! {
    struct Alerts {
        adapters: { logout::Slack },
    }
}

logout::logout! {
    struct Single {
        adapters: logout::Slack,
    }
}

fn main() {}
