logout::logout! {
    struct Alerts {
        level: :warning,
        truncate: :infinity,
        metadata: :all,
        mention_when: :always,
        utc_log: :true,
        max_age: :infinity,
        project_name: :shop,
        adapters: [logout::Slack { level: :error, mention: :here }],
    }
}

fn main() {}
