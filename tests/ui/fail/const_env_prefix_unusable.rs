const PREFIX: &str = "shop";

logout::logout! {
    struct Alerts {
        env_prefix: PREFIX,
        adapters: [logout::Slack],
    }
}

fn main() {}
