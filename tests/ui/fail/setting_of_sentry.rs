logout::logout! {
    struct Alerts {
        dsn: "https://abc@o1.ingest.sentry.io/1",
        before_send: |event| Some(event),
        attach_stacktrace: true,
        send_default_pii: false,
        max_breadcrumbs: 50,
        tags: { team: "billing" },
        debug: true,
        server_name: "web-1",
        adapters: [logout::Slack],
    }
}

fn main() {}
