logout::logout! {
    struct Alerts {
        links: [
            trace: "https://t.example.org/%{trace_id}",
            span: "https://t.example.org/<span_id>",
            runbook: "https://w.example.org/{{ .Labels.alertname }}",
        ],
        adapters: [logout::Slack],
    }
}

fn main() {}
