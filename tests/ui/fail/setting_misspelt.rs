logout::logout! {
    struct Alerts {
        levle: WARN,
        project: "shop",
        colour: "red",
        adaptors: [logout::Slack],
    }
}

fn main() {}
