logout::logout! {
    struct Alerts {
        metadata_filter: [target: "shop/**", target: "-hyper"],
        ignore: [
            target: "hyper.*",
            target: "^h2$",
            target: "tower_http::*::trace",
            target: "*::sql",
            target: "rustls, ring",
            target: "sqlx=warn",
            target: "!shop",
        ],
        adapters: [logout::Slack { ignore: ["hyper=off"] }],
    }
}

fn main() {}
