logout::logout! {
    struct Alerts {
        metadata_filter: [target: "crate::billing", target: super::stock],
        ignore: [crate::noisy, target: "self"],
        adapters: [logout::Slack],
    }
}

fn main() {}
