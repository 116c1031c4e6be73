logout::logout! {
    struct Alerts {
        project_name: Some("shop"),
        max_age: None,
        format: none,
        discard_threshold: infinity,
        mask: false,
        metadata: true,
    }
}

fn main() {}
