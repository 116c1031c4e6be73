logout::logout! {
    struct Alerts {
        sync_threshold: -1,
        discard_threshold: 99999999999999999999,
        truncate: -8192,
    }
}

fn main() {}
