//! Messages of any notice that Zulip takes.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use logout::{Response, Step, Zulip};
use serde_json::json;

#[path = "../adapter.rs"]
mod adapter;
#[path = "../notice.rs"]
mod notice;

use adapter::rendered_request::rendered;
use adapter::zulip::judge;

static ZULIP: LazyLock<Zulip> = LazyLock::new(|| {
    adapter::settings::adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "123",
    }))
});

fuzz_target!(|data: &[u8]| {
    let notice = notice::notice(data);
    let mut request = rendered(&*ZULIP, &notice, Step::default());
    if request.is_followed() {
        let answer = Response::new(200);
        request = rendered(&*ZULIP, &notice, Step::default().next(&answer));
    }
    judge(&notice, &request);
    judge(&notice, &rendered(&*ZULIP, &notice, Step::plain()));
});
