logout::logout! {
    struct Alerts {
        metadata_filter: [tagret: "shop", "targets": "all"],
        ignore: [target: "shop::*", target: "", target: ["a", "b"]],
    }
}

fn main() {}
