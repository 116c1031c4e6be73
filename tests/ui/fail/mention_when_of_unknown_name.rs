logout::logout! {
    struct Alerts {
        mention_when: Alwys,
        adapters: [
            a: logout::Slack { mention_when: "always" },
            b: logout::Slack { mention_when: never },
            c: logout::Slack { mention_when: true },
        ],
    }
}

fn main() {}
