logout::logout! {
    struct Alerts {
        project_name: String::from("shop"),
        environment: std::env::var("STAGE").unwrap_or_default(),
        release: format!("v{}", 2),
        env_prefix: "SHOP_".to_owned(),
    }
}

logout::logout! {
    struct Bytes { environment: std::env::var_os("STAGE") }
}

fn main() {}
