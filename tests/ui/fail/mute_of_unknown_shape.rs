logout::logout! {
    struct Alerts {
        mute: "3fa9c1",
    }
}

logout::logout! {
    struct Others {
        mute: [3fa9c1, fa39c1],
    }
}

fn main() {}
