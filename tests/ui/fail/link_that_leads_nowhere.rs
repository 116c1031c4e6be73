const WIKI: &str = "https://wiki.example.org/{fingerprint}";

logout::logout! {
    struct Alerts {
        links: [
            a: "https://wiki.example.org/{trace-id}",
            b: "https://wiki.example.org/{comit}/{file}",
            c: "https://wiki.example.org/{trace_id",
            d: "https://wiki.example.org/trace_id}",
            e: "https://{host}/errors",
            f: "wiki.example.org/errors",
            g: "ftp://wiki.example.org/errors",
            h: "https://ada:secret@wiki.example.org/errors",
            i: "https://wiki.example.org/two words",
            j: WIKI,
            k: 5,
            "https://wiki.example.org",
            l: "https://wiki.example.org/1",
            l: "https://wiki.example.org/2",
        ],
    }
}

logout::logout! {
    struct Alone {
        links: "https://wiki.example.org",
    }
}

fn main() {}
