logout::logout! {
    struct Alerts {
        project_name: 5,
        truncate: "8 K",
        sync_threshold: 2.5,
        utc_log: "yes",
        sync_timeout: 100,
        format: true,
    }
}

fn main() {}
