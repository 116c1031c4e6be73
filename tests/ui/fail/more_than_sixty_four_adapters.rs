use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [
            a01: Slack, a02: Slack, a03: Slack, a04: Slack, a05: Slack, a06: Slack, a07: Slack, a08: Slack,
            a11: Slack, a12: Slack, a13: Slack, a14: Slack, a15: Slack, a16: Slack, a17: Slack, a18: Slack,
            a21: Slack, a22: Slack, a23: Slack, a24: Slack, a25: Slack, a26: Slack, a27: Slack, a28: Slack,
            a31: Slack, a32: Slack, a33: Slack, a34: Slack, a35: Slack, a36: Slack, a37: Slack, a38: Slack,
            a41: Slack, a42: Slack, a43: Slack, a44: Slack, a45: Slack, a46: Slack, a47: Slack, a48: Slack,
            a51: Slack, a52: Slack, a53: Slack, a54: Slack, a55: Slack, a56: Slack, a57: Slack, a58: Slack,
            a61: Slack, a62: Slack, a63: Slack, a64: Slack, a65: Slack, a66: Slack, a67: Slack, a68: Slack,
            a71: Slack, a72: Slack, a73: Slack, a74: Slack, a75: Slack, a76: Slack, a77: Slack, a78: Slack,
            one_too_many: Slack,
        ],
    }
}

fn main() {}
