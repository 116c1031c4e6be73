logout::logout! {
    struct Alerts {
        adapters: [slack, ops: telegram { level: ERROR }],
    }
}

fn main() {}
