logout::logout! {
    struct Alerts {
        level: LevelFilter = WARN,
        project_name: &str = "shop",
    }
}

fn main() {}
