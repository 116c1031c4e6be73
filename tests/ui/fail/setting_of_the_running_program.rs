logout::logout! {
    struct Alerts {
        enabled: false,
        profile: "production",
    }
}

fn main() {}
