logout::logout! {
    struct Alerts {
        adapters: [ops: str, dev: dyn Send, all: [u8], 5],
    }
}

fn main() {}
