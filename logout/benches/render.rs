//! The time an adapter takes to render its request.
//!
//! Limits per platform: 5 µs for a typical event, 20 ms for one of 5 MB.

use divan::Bencher;
use logout::adapter::{AdapterOptions, NoticeField, NoticeSpan, Request, Step};
use logout::{Adapter, Discord, Notice, Slack, Telegram, Zulip};

fn main() {
    divan::main();
}

fn typical() -> Notice {
    let mut notice = Notice::new(tracing::Level::ERROR, "payment failed: connection refused");
    notice.project = "My App Production".to_owned();
    notice.environment = "production".to_owned();
    notice.host = "web-7".to_owned();
    notice.release = "1.4.2".to_owned();
    notice.body = "caused by: connection refused (os error 111)".to_owned();
    notice.fields = vec![
        NoticeField::new("order", "42"),
        NoticeField::new("customer", "c_1837"),
        NoticeField::new("elapsed_ms", "12.5"),
    ];
    notice.target = "shop::pay".to_owned();
    notice.module = "shop::pay".to_owned();
    notice.file = "src/pay.rs".to_owned();
    notice.line = Some(88);
    notice.spans = vec![NoticeSpan::new(
        "request",
        vec![
            NoticeField::new("id", "7"),
            NoticeField::new("path", "/checkout"),
        ],
    )];
    notice.fingerprint = "3fa9c1".to_owned();
    notice
}

fn large() -> Notice {
    let mut notice = typical();
    notice.body = "a <b> & *c* `d` [e](f)\n".repeat(5_000_000 / 23);
    notice
}

/// Returns a configured adapter: one without a destination would give up early.
fn configured<A: Adapter + AdapterOptions>() -> A {
    let settings = serde_json::json!({
        "url": if size_of::<A>() == size_of::<Zulip>() {
            "https://chat.example.org"
        } else {
            "https://discord.com/api/webhooks/123/abc"
        },
        "bot_token": "123:abc", "chat_id": 42,
        "bot_email": "bot@example.org", "bot_api_key": "abc", "stream": "alerts", "topic": "bench",
    });
    serde_json::from_value(settings).expect("settings")
}

fn measure<A: Adapter + AdapterOptions>(bencher: Bencher<'_, '_>, notice: &Notice) {
    let adapter = configured::<A>();
    let mut request = Request::new();
    bencher.bench_local(|| {
        request.clear();
        adapter.render(notice, Step::default(), &mut request);
        divan::black_box(request.body().len())
    });
}

/// Measures a typical event. Limit: 5 µs.
#[divan::bench(types = [Slack, Discord, Telegram, Zulip])]
fn typical_event<A: Adapter + AdapterOptions>(bencher: Bencher<'_, '_>) {
    measure::<A>(bencher, &typical());
}

/// Measures an event of 5 MB. Limit: 20 ms.
#[divan::bench(types = [Slack, Discord, Telegram, Zulip], sample_count = 20)]
fn event_of_5_megabytes<A: Adapter + AdapterOptions>(bencher: Bencher<'_, '_>) {
    measure::<A>(bencher, &large());
}
