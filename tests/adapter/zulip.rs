//! Messages of Zulip under any log text: their parts, their limits, and text that stays text.

use logout::adapter::{NoticeField, Response, Step};
use logout::{Adapter, Notice, Zulip};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::json;
use tracing::Level;

use crate::judge::hostile::notice;
use crate::judge::plain_text::is_plain;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::judge::zulip::{judge, value};

fn zulip() -> Zulip {
    adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "123",
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_of_the_log_is_markup(notice in notice()) {
        let zulip = zulip();
        let mut request = rendered(&zulip, &notice, Step::default());
        let followed = request.is_followed();
        if followed {
            request = rendered(&zulip, &notice, Step::default().next(&Response::new(200)));
        }
        let page = judge(&notice, &request);
        let short = is_plain(&notice.headline) && is_plain(&notice.body) && !followed;
        if short && notice.headline.chars().count() <= 300 && !notice.headline.contains('\n') {
            let lines = notice.body.lines().map(str::trim_end);
            let body = lines.collect::<Vec<_>>().join("\n");
            assert_eq!(page.blocks[0].replace('\u{200b}', "").trim_end(), body);
        }
        judge(&notice, &rendered(&zulip, &notice, Step::plain()));
    }
}

#[test]
fn what_broke_is_text_and_begins_the_message() {
    for (headline, content) in [
        (
            "payment failed: card declined",
            "🔥 **payment failed: card declined**",
        ),
        (
            "called `Option::unwrap()` on a `None` value",
            "🔥 **called &#96;Option&#58;&#58;unwrap()&#96; on a &#96;None&#96; value**",
        ),
        (
            "see https://evil.example",
            "🔥 **see https&#58;//evil&#46;example**",
        ),
    ] {
        let notice = Notice::new(Level::ERROR, headline);
        let request = rendered(&zulip(), &notice, Step::default());
        assert_eq!(value(&request, "content").lines().next(), Some(content));
        let preview = zulip().preview(&request);
        assert!(
            preview.text().starts_with(&format!("🔥 {headline}\n")),
            "{preview:?}"
        );
    }
}

#[test]
fn a_value_is_text_where_it_ends_where_it_seems_to_end() {
    let mut notice = Notice::new(Level::ERROR, "x");
    let long = "y".repeat(41);
    for (name, value) in [
        ("order", "42"),
        ("path", "src/main.rs"),
        ("edge", " x"),
        ("pair", "a · b"),
        ("empty", ""),
        ("long", &long),
    ] {
        notice.fields.push(NoticeField::new(name, value));
    }
    let request = rendered(&zulip(), &notice, Step::default());
    let line = format!(
        "**order** 42 · **path** src/main&#46;rs · **edge** ` x` · **pair** `a · b` · **empty** `\"\"` · **long** `{long}`"
    );
    let content = value(&request, "content");
    assert!(content.lines().any(|shown| shown == line), "{content}");
    // A notification shows a time as it is written.
    assert!(content.lines().last().unwrap().starts_with("<time:"));
    let plain = value(&rendered(&zulip(), &notice, Step::plain()), "content");
    assert!(!plain.contains("<time:"));
}

#[test]
fn what_had_to_be_cut_is_uploaded_and_linked() {
    let zulip = zulip();
    let mut notice = Notice::new(Level::ERROR, "storm");
    notice.body = "line\n".repeat(4_000) + "the end";
    let request = rendered(&zulip, &notice, Step::default());
    assert!(request.is_followed());
    assert_eq!(
        request.url().as_str(),
        "https://example.zulipchat.com/api/v1/user_uploads"
    );
    assert!(String::from_utf8_lossy(request.body()).contains(&notice.body));

    for answer in [
        r#"{"result":"success","uri":"/user_uploads/2/a/log.txt"}"#,
        r#"{"result":"success","uri":"/user_uploads/2/a/log.txt","url":"/user_uploads/2/a/log.txt"}"#,
    ] {
        let mut uploaded = Response::new(200);
        uploaded.set_body(answer);
        let request = rendered(&zulip, &notice, Step::default().next(&uploaded));
        assert!(!request.is_followed());
        let content = value(&request, "content");
        assert!(
            content.contains("[log.txt](/user_uploads/2/a/log.txt)"),
            "{answer}"
        );
        assert!(content.contains(" lines …\n"));
    }
}

#[test]
fn a_mention_on_purpose_is_made_from_error_up() {
    let zulip: Zulip = adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "alerts", "mention": "all",
    }));
    let content = |level| {
        value(
            &rendered(&zulip, &Notice::new(level, "x"), Step::default()),
            "content",
        )
    };
    assert!(content(Level::ERROR).starts_with("🔥 **x** @**all**\n"));
    assert!(!content(Level::WARN).contains('@'));
}

#[test]
fn the_bot_authenticates() {
    let request = rendered(&zulip(), &Notice::new(Level::WARN, "x"), Step::default());
    assert_eq!(
        request.header("authorization"),
        Some("Basic Ym90QGV4YW1wbGUub3JnOms=")
    );
}
