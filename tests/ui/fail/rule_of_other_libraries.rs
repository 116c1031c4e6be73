logout::logout! {
    struct Alerts {
        metadata_filter: [application: :shop, module: "shop"],
        metadata: [:order_id, customer],
        adapters: [logout::Slack],
    }
}

fn main() {}
