logout::logout! {
    struct Alerts {
        mute: ["#3fa9c1", "3fa9", "3fa", "wxyz"],
        ignore: [fingerprint: "#3fa9", fingerprint: "disk"],
    }
}

fn main() {}
