logout::logout! {
    struct Alerts {
        level := WARN,
        adapters: [Zulip { stream := "alerts" }],
    }
}

fn main() {}
