logout::logout! {
    #![allow(dead_code)]
    struct Alerts {}
}

fn main() {}
