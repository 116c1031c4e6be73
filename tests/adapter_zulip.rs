//! What Zulip's messages hold, whatever the log says.

use logout::adapter::{Response, Step};
use logout::{Notice, Zulip};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::json;
use tracing::Level;

mod adapter {
    pub(crate) mod hostile;
    pub(crate) mod plain;
    pub(crate) mod rendering;
    pub(crate) mod settings;
    pub(crate) mod zulip;
}

use adapter::hostile::notice;
use adapter::plain::is_plain;
use adapter::rendering::rendered;
use adapter::settings::adapter;
use adapter::zulip::{judge, value};

fn zulip() -> Zulip {
    adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "123",
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_of_the_log_stands_outside_of_code(notice in notice()) {
        let zulip = zulip();
        let mut request = rendered(&zulip, &notice, Step::default());
        let followed = request.is_followed();
        if followed {
            request = rendered(&zulip, &notice, Step::default().next(&Response::new(200)));
        }
        let page = judge(&notice, &request);
        let short = is_plain(&notice.headline) && notice.body.is_empty() && !followed;
        if short && !notice.headline.contains(" \n") && !notice.headline.contains("\n\n") {
            assert_eq!(page.blocks[0].trim_end(), notice.headline);
        }
        judge(&notice, &rendered(&zulip, &notice, Step::plain()));
    }
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
    assert!(content(Level::ERROR).starts_with("🔥 **ERROR** @**all**\n"));
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
