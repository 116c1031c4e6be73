logout::logout! {
    struct Alerts {
        metadata_filter: [target: my_app::billing, user: bob],
        ignore: [level: INFO, target == "x"],
    }
}

fn main() {}
