logout::logout! {
    struct None {
        trail: 0,
    }
}

logout::logout! {
    struct Many {
        trail: { events: 1_000, levle: DEBUG, bytes: 8, span: "" },
    }
}

logout::logout! {
    struct Off {
        trail: { level: OFF, bytes: "8 K", events: 5, events: 6 },
    }
}

logout::logout! {
    struct Listed {
        trail: [20],
    }
}

logout::logout! {
    struct Quoted {
        trail: "20",
    }
}

fn main() {}
