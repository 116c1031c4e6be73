#![deny(deprecated)]

logout::logout! {
    struct Alerts {
        metadata_filter: [target: "shop"],
        ignore: [target: "hyper", target: "shop"],
        adapters: [
            logout::Slack { metadata_filter: [target: "billing"] },
            logout::Discord { ignore: [target: "shop"] },
        ],
    }
}

logout::logout! {
    struct Package { ignore: [target: "my-shop::noisy"], adapters: [logout::Slack] }
}

logout::logout! {
    #[allow(deprecated)]
    struct Meant { ignore: [target: "my-shop"], adapters: [logout::Slack] }
}

logout::logout! {
    struct Trail {
        trail: 20,
        metadata_filter: [target: "shop"],
        ignore: [target: "hyper"],
        adapters: [logout::Slack],
    }
}

fn main() {}
