fn start<T>(_: T) {}

fn main() {
    start(logout::logout! {
        struct Alerts { adapters: [logout::Slack] }
    });
    match 1 {
        1 => logout::logout! {
            struct Audit { adapters: [logout::Slack] }
        },
        _ => {}
    }
}
