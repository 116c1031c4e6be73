logout::logout! {
    struct Alerts {
        mask: [],
    }
}

logout::logout! {
    struct Others {
        mask: [defaults, "a;b", "not default", -tokn, -colour],
    }
}

fn main() {}
