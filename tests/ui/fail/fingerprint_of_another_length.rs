logout::logout! {
    struct Alerts {
        mute: ["#3fa9", "3fa", "wxyz"],
    }
}

fn main() {}
