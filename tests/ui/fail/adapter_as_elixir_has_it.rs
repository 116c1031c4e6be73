logout::logout! {
    struct Alerts {
        adapters: [
            {Slack, level: :error},
            ops: {LogOut.Discord, []},
            LogOut.Zulip,
            :telegram,
            (Slack, level: ERROR),
        ],
    }
}

fn main() {}
