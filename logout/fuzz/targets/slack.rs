//! Messages of any notice that Slack takes.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use logout::{Response, Slack, Step};
use serde_json::json;

#[path = "../adapter.rs"]
mod adapter;
#[path = "../notice.rs"]
mod notice;

use adapter::slack::{judge, message};

static SLACK: LazyLock<Slack> = LazyLock::new(|| {
    adapter::settings::adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }))
});

fuzz_target!(|data: &[u8]| {
    let notice = notice::notice(data);
    let answer = Response::new(200);
    let mut step = Step::default();
    loop {
        let (message, followed) = message(&SLACK, &notice, step);
        judge(&notice, &message);
        if !followed {
            break;
        }
        step = step.next(&answer);
        assert!(step.part < 3, "there is no end of parts");
    }
    judge(&notice, &message(&SLACK, &notice, Step::plain()).0);
});
