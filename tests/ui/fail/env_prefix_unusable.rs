logout::logout! {
    struct Lower {
        env_prefix: "shop_",
    }
}

logout::logout! {
    struct Open {
        env_prefix: "SHOP-ALERTS",
    }
}

fn main() {}
