use logout::{Discord, Slack};

logout::logout! {
    struct Alerts {
        adapters: [ops: Slack, ops: Discord, slack: Discord, Slack, team1: Slack, team_1: Slack],
    }
}

fn main() {
    let _ = Alerts::from_env;
}
