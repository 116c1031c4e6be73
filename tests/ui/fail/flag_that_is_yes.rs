logout::logout! {
    struct Alerts {
        utc_log: yes,
    }
}

logout::logout! {
    struct Local {
        utc_log: Off,
    }
}

fn main() {}
