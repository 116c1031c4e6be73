logout::logout! {
    struct Alerts {
        project_name: My App,
        environment: production,
        release: 1.2.3,
        adapters: [logout::Zulip { stream: #alerts }],
    }
}

fn main() {}
