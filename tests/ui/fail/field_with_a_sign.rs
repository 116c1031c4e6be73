logout::logout! {
    struct Alerts {
        metadata: [%order, -password, customer as "Customer"],
        mask: [+iban],
        mute: "3fa9c1",
        adapters: [logout::Slack],
    }
}

logout::logout! {
    struct Single { mask: iban, adapters: [logout::Slack] }
}

fn main() {}
