logout::logout! {
    struct Alerts {
        scrub: [default(), crate::plates(), "default", "iban", Regex::new("[0-9]+")],
        adapters: [logout::Slack],
    }
}

fn main() {}
