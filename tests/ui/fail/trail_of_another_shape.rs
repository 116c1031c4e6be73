logout::logout! {
    struct Struct { trail: Trail { events: 20 }, adapters: [logout::Slack] }
}

logout::logout! {
    struct Word { trail: on, adapters: [logout::Slack] }
}

fn main() {}
