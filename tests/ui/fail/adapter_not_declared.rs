logout::logout! {
    struct Alerts {
        adapters: [ops: Mattermost],
    }
}

fn main() {}
