#[derive(Default)]
struct Plain {
    topic: String,
}

logout::logout! {
    struct Alerts {
        adapters: [logout::Slack, oncall: Plain],
    }
}

fn main() {
    let _ = Alerts::from_env;
}
