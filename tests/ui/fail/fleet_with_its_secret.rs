logout::logout! {
    struct Alerts {
        adapters: [logout::Slack],
        fleet: Redis { name: "shop", url: env!("REDIS_URL") },
        env_prefix: "SHOP_",
    }
}

fn main() {}
