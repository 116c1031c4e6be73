logout::logout! {}

logout::logout! {
    pub Alerts {}
}

logout::logout! {
    enum Pager { level: WRAN }
}

logout::logout! {
    struct
}

fn main() {}
