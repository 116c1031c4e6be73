logout::logout! {
    struct Alerts { adapters: [logout::Slack],
        level: EROR,
    }
}

fn main() {}
