logout::logout! {
    struct Alerts {
        project-name: "shop",
        sync.threshold: 20,
    }
}

fn main() {}
