logout::logout! {
    struct Alerts {
        truncate: 8kb,
        memory_limit: 4 MB,
        sync_timeout: 100ms,
        max_age: "5 parsecs",
        discard_threshold: 500u32,
    }
}

fn main() {}
