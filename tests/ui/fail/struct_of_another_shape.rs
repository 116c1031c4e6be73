logout::logout! {
    struct Tuple(logout::Slack);
}

logout::logout! {
    struct Unit;
}

logout::logout! {
    struct Generic<T> {}
}

logout::logout! {
    struct First {}
    struct Second {}
}

fn main() {}
