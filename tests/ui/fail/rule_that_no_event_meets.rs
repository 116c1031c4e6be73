logout::logout! {
    struct Alerts {
        metadata_filter: [tagret: "shop", "targets": "all", level: "ERROR"],
        ignore: [target: "shop::*", target: "", target: ["a", "b"], shop::noisy],
    }
}

fn main() {}
