logout::logout! {
    struct Flag { release: false, adapters: [logout::Slack] }
}

logout::logout! {
    struct Word { release: None, environment: false, adapters: [logout::Slack] }
}

fn main() {}
