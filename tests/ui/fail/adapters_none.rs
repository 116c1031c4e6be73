#![deny(deprecated)]

logout::logout! {
    struct Alerts { adapters: [] }
}

logout::logout! {
    pub struct Forgotten { level: WARN }
}

logout::logout! {
    #[allow(deprecated)]
    struct Meant { adapters: [] }
}

logout::logout! {
    #[cfg(any())]
    struct Absent { adapters: [] }
}

fn main() {}
