logout::logout! {
    struct Alerts {
        mute: "3fa9",
    }
}

logout::logout! {
    struct Others {
        mute: [3fa9, fa39],
    }
}

fn main() {}
