logout::logout! {
    struct Alerts {
        level: WARN,

        [slack]
        level = "error"
    }
}

logout::logout! {
    struct Others {
        project_name: "shop"
        [production.ops]
        level = "error"
    }
}

fn main() {}
