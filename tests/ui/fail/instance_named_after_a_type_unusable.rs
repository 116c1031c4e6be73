use logout::{Discord as Format, Slack as Default};

logout::logout! {
    struct Alerts {
        adapters: [Format, Default],
    }
}

fn main() {}
