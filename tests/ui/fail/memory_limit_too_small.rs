const PAGE: usize = 4 * 1024;

logout::logout! {
    struct Alerts { adapters: [logout::Slack],
        memory_limit: 4 * 1024,
    }
}

logout::logout! {
    struct Device { adapters: [logout::Slack],
        memory_limit: 2 * PAGE,
    }
}

logout::logout! {
    struct Written {
        memory_limit: "4 KiB",
    }
}

fn main() {}
