logout::logout! {
    struct Alerts {
        level,
        project_name: ,
        adapters
    }
}

fn main() {}
