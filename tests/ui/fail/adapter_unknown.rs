logout::logout! {
    struct Alerts { adapters: [Slakc, Mattermost { channel: "ops" }, ops: logout::Telegramm] }
}

fn main() {}
