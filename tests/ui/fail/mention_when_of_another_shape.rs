logout::logout! {
    struct Alerts {
        mention_when: ERROR,
        adapters: [logout::Slack { mention_when: [New], mention: <@123> }, logout::Discord { mention_when: NEW }],
    }
}

fn main() {}
