logout::logout! {
    struct Alerts {
        links: [
            a: "https://wiki.example.org/$fingerprint",
            b: "https://wiki.example.org/?trace=${trace_id}",
            c: "https://wiki.example.org/{{ fingerprint }}",
            d: "/errors/{fingerprint}",
        ],
        adapters: [logout::Slack],
    }
}

fn main() {}
