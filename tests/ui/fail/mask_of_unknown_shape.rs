logout::logout! {
    struct Alerts {
        mask: password,
        adapters: [logout::Slack { mask: [iban] }],
    }
}

logout::logout! {
    struct Others {
        mask: [default, iban: 5, 7],
    }
}

fn main() {}
