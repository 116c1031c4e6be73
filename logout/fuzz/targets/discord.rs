//! Messages of any notice that Discord takes.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use logout::{Discord, Form, Step};
use serde_json::json;

#[path = "../adapter.rs"]
mod adapter;
#[path = "../notice.rs"]
mod notice;

use adapter::discord::{judge, message};
use adapter::rendered_request::rendered;

static DISCORD: LazyLock<Discord> = LazyLock::new(|| {
    adapter::settings::adapter(json!({ "url": "https://discord.com/api/webhooks/123/abc" }))
});

fuzz_target!(|data: &[u8]| {
    let notice = notice::notice(data);
    let rich = rendered(&*DISCORD, &notice, Step::default());
    judge(&notice, Form::Rich, &message(&rich));
    let plain = rendered(&*DISCORD, &notice, Step::plain());
    judge(&notice, Form::Plain, &message(&plain));
});
