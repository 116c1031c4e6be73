logout::logout! {
    struct Alerts {
        mute: [fingerprint: "3fa9c1", target: "hyper", user = "bob"],
        adapters: [logout::Slack],
    }
}

fn main() {}
