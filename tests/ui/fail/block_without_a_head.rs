logout::logout! {
    adapters: [Slack]
}

fn main() {}
