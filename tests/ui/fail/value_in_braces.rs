logout::logout! {
    struct Alerts {
        spool: { dir: "/var/lib/shop", sync: false },
        environment: { name: "production" },
        adapters: [logout::Webhook { headers: { "X-Team": "shop" } }],
    }
}

fn main() {}
