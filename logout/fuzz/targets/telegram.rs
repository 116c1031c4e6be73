//! Messages of any notice that Telegram takes.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use logout::{Step, Telegram};
use serde_json::json;

#[path = "../adapter.rs"]
mod adapter;
#[path = "../notice.rs"]
mod notice;

use adapter::rendered_request::rendered;
use adapter::telegram::{body, judge};

static TELEGRAM: LazyLock<Telegram> = LazyLock::new(|| {
    adapter::settings::adapter(json!({ "bot_token": "123456:ABC", "chat_id": -5 }))
});

fuzz_target!(|data: &[u8]| {
    let notice = notice::notice(data);
    judge(&body(&rendered(&*TELEGRAM, &notice, Step::default())));
    judge(&body(&rendered(&*TELEGRAM, &notice, Step::plain())));
});
