logout::logout! {
    struct Alerts {
        metadata_filter: [severity =~ "crit.*"],
        ignore: [message.contains("timeout"), target: regex("hyper.*"), "connection reset"],
        adapters: [logout::Slack],
    }
}

fn main() {}
