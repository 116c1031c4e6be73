logout::logout! {
    struct Alerts {
        truncate: 8kb,
        memory_limit: 4 MB,
        sync_timeout: 100ms,
        max_age: "1 h",
        discard_threshold: 500u32,
    }
}

fn main() {}
