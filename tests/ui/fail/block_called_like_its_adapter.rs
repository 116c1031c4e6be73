logout::logout! {
    struct Slack { adapters: [ops: Slack, Discord] }
}

fn main() {}
