logout::logout! {
    struct Alerts {
        ignore: [- hyper, - h2::proto],
        metadata_filter: [-hyper],
        adapters: [logout::Slack { ignore: [hyper, target] }],
    }
}

fn main() {}
