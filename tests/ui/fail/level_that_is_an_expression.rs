logout::logout! {
    struct Either {
        level: WARN | ERROR,
    }
}

logout::logout! {
    struct From {
        level: WARN..,
    }
}

fn main() {}
