logout::logout! {
    struct Alerts {
        adapters: [logout::Slack(level: ERROR), ops: logout::Slack[level: EROR]],
    }
}

fn main() {}
