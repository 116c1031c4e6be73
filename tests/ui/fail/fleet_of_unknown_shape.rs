logout::logout! {
    struct Address { adapters: [logout::Slack], fleet: "redis://localhost" }
}

logout::logout! {
    struct Broker { adapters: [logout::Slack], fleet: kafka { name: "shop" } }
}

logout::logout! {
    struct LowerCase { adapters: [logout::Slack], fleet: redis }
}

logout::logout! {
    struct Call { adapters: [logout::Slack], fleet: Redis("shop") }
}

logout::logout! {
    struct Misspelt { adapters: [logout::Slack], fleet: Redis { nmae: "shop", led: false } }
}

logout::logout! {
    struct Secret { adapters: [logout::Slack], fleet: Redis { url: "redis://:secret@localhost" } }
}

logout::logout! {
    struct Options { adapters: [logout::Slack], fleet: Redis { name: 5, lead: "no", timeout: 10s } }
}

logout::logout! {
    struct Twice { adapters: [logout::Slack], fleet: Redis { name: "shop", name: "bakery" } }
}

logout::logout! {
    struct Assigned { adapters: [logout::Slack], fleet: Redis { name = "shop" } }
}

fn main() {}
