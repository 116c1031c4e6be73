//! Messages of Google Chat under any log text: their parts, their limits, and text that stays text.

use logout::adapter::{NoticeField, NoticeLink, Request, Response, Step, Verdict};
use logout::testing::{Contract, samples};
use logout::{Adapter, GoogleChat, Notice};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::corpus;
use crate::judge::hostile::notice;
use crate::judge::plain_text::is_plain;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::looks::{gallery, pretty};

const HOOK: &str = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=s3cret0123456789&token=s3cretabcdefghijk";

fn chat() -> GoogleChat {
    adapter(json!({ "url": HOOK }))
}

fn message(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

fn widgets(message: &Value) -> Vec<Value> {
    let card = &message["cardsV2"][0]["card"];
    let sections = card["sections"].as_array().into_iter().flatten();
    sections
        .flat_map(|section| section["widgets"].as_array().unwrap().clone())
        .collect()
}

/// Returns the paragraphs of a card, in its HTML.
fn paragraphs(message: &Value) -> Vec<String> {
    let widgets = widgets(message).into_iter();
    let texts =
        widgets.filter_map(|widget| Some(widget["textParagraph"]["text"].as_str()?.to_owned()));
    texts.collect()
}

/// Returns a paragraph as a person reads it, without the adapter's own tags.
fn unescaped(html: &str) -> String {
    let mut text = html.to_owned();
    for tag in ["<b>", "</b>", "<font color=\"#80868b\">", "</font>"] {
        text = text.replace(tag, "");
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace('\u{a0}', " ")
        .replace(":\u{200b}/", ":/")
}

/// Returns an error if a request breaks a rule of the platform.
fn check_request(request: &Request) -> Result<(), String> {
    let fail = |why: &str, text: &str| Err(format!("{why}: {text}"));
    if request.body().len() > 30_000 {
        return fail("too many bytes", &request.body().len().to_string());
    }
    let message = message(request);
    let said = [&message["text"], &message["fallbackText"]]
        .map(|text| text.as_str().unwrap_or_default().to_owned());
    for text in &said {
        if text.contains("<users/") || text.contains("://") || text.chars().count() > 4_000 {
            return fail("the text of the log is alive", text);
        }
    }
    if !said[0].is_empty() {
        let inside = said[0]
            .strip_prefix("```\n")
            .and_then(|text| text.strip_suffix("\n```"));
        if inside.is_none_or(|inside| inside.contains("``")) {
            return fail("the text of the log is not in one fence", &said[0]);
        }
    }
    for html in paragraphs(&message) {
        let mut bare = html.clone();
        for tag in [
            "<b>",
            "</b>",
            "<font color=\"#80868b\">",
            "</font>",
            "&lt;",
            "&gt;",
            "&amp;",
        ] {
            bare = bare.replace(tag, if tag.starts_with('&') { "x" } else { "" });
        }
        if bare.contains(['<', '>', '&']) || bare.contains("://") || bare.contains("  ") {
            return fail("the text of the log is HTML", &html);
        }
        if !(1..=4_000).contains(&html.chars().count()) {
            return fail("a paragraph is too long", &html.chars().count().to_string());
        }
    }
    match message["thread"]["threadKey"].as_str() {
        Some(key) if !(1..=4_000).contains(&key.chars().count()) => {
            fail("the key of the thread", key)
        }
        _ => Ok(()),
    }
}

fn answer(status: u16, body: &str) -> Response {
    Response::new(status).set_body(body).clone()
}

mod contract {
    use super::*;

    logout::adapter_contract!(GoogleChat, contract());

    fn contract() -> Contract<GoogleChat> {
        Contract::new()
            .setting("url", HOOK)
            .refuses("mention", "ops", "`mention` must be")
            .refuses(
                "url",
                "https://chat.google.com/room/AAAA0123456789",
                "is a page of Google Chat",
            )
            .most_bytes(30_000)
            // The two syntaxes are looked at in each request.
            .inert(|_| true)
            .every_request(check_request)
            .answer(
                answer(200, r#"{"name":"spaces/AAAA/messages/x"}"#),
                Verdict::Delivered,
            )
            .answer(
                answer(
                    404,
                    r#"{"error":{"code":404,"message":"not found","status":"NOT_FOUND"}}"#,
                ),
                Verdict::Gone("not found".to_owned()),
            )
            .answer(
                answer(
                    400,
                    r#"{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}"#,
                ),
                Verdict::Refused(String::new()),
            )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_of_the_log_is_syntax(notice in notice()) {
        let chat = chat();
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&chat, &notice, step);
            assert_eq!(check_request(&request), Ok(()));
            assert!(!request.is_followed());
        }
        let message = message(&rendered(&chat, &notice, Step::default()));
        if is_plain(&notice.headline) && notice.headline.len() < 100 && !notice.headline.contains('\n') {
            let shown = unescaped(&paragraphs(&message)[0]);
            assert_eq!(shown, format!("{} {}", notice.emoji(), notice.headline.replace('\u{a0}', " ")));
        }
    }
}

#[test]
fn a_text_of_five_megabytes_is_cut_and_says_so() {
    let mut notice = Notice::new(Level::ERROR, "x".repeat(5 << 20));
    notice.body = "<line> & \"more\"\n".repeat(400_000);
    notice.backtrace = "🔥 frame\n".repeat(500_000);
    for (step, least) in [(Step::default(), 20_000), (Step::plain(), 3_500)] {
        let request = rendered(&chat(), &notice, step);
        assert_eq!(check_request(&request), Ok(()));
        assert!(request.body().len() > least, "{}", request.body().len());
        let text = String::from_utf8_lossy(request.body()).into_owned();
        assert!(
            text.contains("lines …"),
            "nothing is said of what is missing"
        );
    }
}

#[test]
fn lines_that_leave_paragraphs_half_empty_make_no_message_too_large() {
    for length in [1_334, 2_001, 3_999] {
        let mut notice = Notice::new(Level::ERROR, "storm");
        notice.body = format!("{}\n", "x".repeat(length)).repeat(40);
        notice.backtrace = notice.body.clone();
        let request = rendered(&chat(), &notice, Step::default());
        check_request(&request).unwrap();
        assert!(request.body().len() > 20_000, "{}", request.body().len());
    }
}

#[test]
fn a_problem_has_a_thread_whichever_replica_tells_it_and_a_digest_has_none() {
    for (kind, notice) in samples() {
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&chat(), notice, step);
            let key = message(&request)["thread"]["threadKey"].clone();
            match notice.fingerprint.as_str() {
                "" => assert_eq!(key, Value::Null, "{kind}"),
                fingerprint => assert_eq!(
                    key,
                    format!("My App Production/production/{fingerprint}"),
                    "{kind}"
                ),
            }
            let query = "&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD";
            assert!(request.url().as_str().ends_with(query));
        }
    }
    let own: GoogleChat =
        adapter(json!({ "url": format!("{HOOK}&messageReplyOption=REPLY_MESSAGE_OR_FAIL") }));
    let request = rendered(&own, &Notice::new(Level::ERROR, "x"), Step::default());
    assert_eq!(
        request.url().as_str().matches("messageReplyOption").count(),
        1
    );
}

#[test]
fn a_mention_on_purpose_is_made_from_error_up() {
    let chat: GoogleChat = adapter(json!({ "url": HOOK, "mention": "all" }));
    let notice = Notice::new(Level::ERROR, "<users/7> <users/all>");
    let rich = message(&rendered(&chat, &notice, Step::default()));
    assert_eq!(rich["text"], "<users/all>");
    assert_eq!(
        paragraphs(&rich)[0],
        "<b>🔥 &lt;users/7&gt; &lt;users/all&gt;</b>"
    );
    let plain = message(&rendered(&chat, &notice, Step::plain()));
    assert_eq!(
        plain["text"],
        "```\n🔥 <\u{200b}users/7> <\u{200b}users/all>\n```\n<users/all>"
    );
    let warning = rendered(&chat, &Notice::new(Level::WARN, "x"), Step::default());
    assert_eq!(message(&warning)["text"], Value::Null);
}

#[test]
fn a_value_says_where_it_ends_and_a_long_one_stands_alone() {
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.fields = [
        ("order", "42".to_owned()),
        ("path", "a  b".to_owned()),
        ("empty", String::new()),
        ("tag", "<b>".to_owned()),
        ("long", "y".repeat(100)),
    ]
    .map(|(name, value)| NoticeField::new(name, value))
    .to_vec();
    let texts = paragraphs(&message(&rendered(&chat(), &notice, Step::default())));
    assert_eq!(
        texts[1],
        "<b>order</b> 42 · <b>path</b> “a\u{a0} b” · <b>empty</b> \"\" · <b>tag</b> &lt;b&gt;"
    );
    assert_eq!(texts[2], format!("<b>long</b>\n{}", "y".repeat(100)));
}

#[test]
fn a_long_backtrace_folds() {
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.backtrace = (0..300)
        .map(|frame| format!("{frame}: shop::cart::item\n"))
        .collect();
    let message = message(&rendered(&chat(), &notice, Step::default()));
    let section = &message["cardsV2"][0]["card"]["sections"][1];
    assert_eq!(
        (
            &section["collapsible"],
            &section["uncollapsibleWidgetsCount"]
        ),
        (&json!(true), &json!(1))
    );
    // Paragraphs end where lines do.
    let texts = section["widgets"].as_array().unwrap().iter();
    for text in texts {
        let text = text["textParagraph"]["text"].as_str().unwrap();
        assert!(text.ends_with("shop::cart::item"), "{text}");
    }
}

#[test]
fn the_links_of_the_block_are_buttons_and_nothing_else_leads_anywhere() {
    let links = |request: &Request| {
        let widgets = widgets(&message(request)).into_iter();
        let buttons =
            widgets.filter_map(|widget| widget["buttonList"]["buttons"].as_array().cloned());
        let buttons = buttons.flatten().map(|button| {
            let url = button["onClick"]["openLink"]["url"]
                .as_str()
                .unwrap()
                .to_owned();
            (button["text"].as_str().unwrap().to_owned(), url)
        });
        buttons.collect::<Vec<_>>()
    };
    for text in corpus::texts() {
        let mut notice = Notice::new(Level::ERROR, "x");
        notice.links = vec![
            NoticeLink::new(text.as_str(), "https://wiki.example.org/a"),
            NoticeLink::new("hostile", text.as_str()),
        ];
        let request = rendered(&chat(), &notice, Step::default());
        assert_eq!(check_request(&request), Ok(()));
        let found = links(&request);
        assert_eq!(found[0].1, "https://wiki.example.org/a");
        assert!(!found[0].0.trim().is_empty() && found[0].0.chars().count() <= 60);
        assert!(
            found.iter().all(|(_, url)| url.starts_with("http")),
            "{text:?}"
        );
        assert!(links(&rendered(&chat(), &notice, Step::plain())).is_empty());
    }
}

#[test]
fn it_looks_as_it_did() {
    insta::assert_snapshot!("google_chat", gallery(&chat(), pretty));
}

#[test]
fn each_wrong_address_is_told_what_it_is() {
    for (url, said) in [
        (HOOK, ""),
        (
            "https://relay.example.org/v1/spaces/A/messages?key=k&token=s3cret",
            "",
        ),
        (
            "https://chat.google.com/room/s3cret",
            "`url` is a page of Google Chat",
        ),
        (
            "https://chat.googleapis.com/v1/spaces/A/messages?key=s3cret",
            "`url` is incomplete",
        ),
        (
            "https://chat.googleapis.com/v1/spaces/A?key=s3cret&token=s3cret",
            "`url` is incomplete",
        ),
        (
            "https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=s3cret&threadKey=x",
            "`url` has a `threadKey`",
        ),
        (
            "https://hooks.slack.com/services/T0/B0/s3cret",
            "`url` looks like a Slack webhook, which is not for `GoogleChat`",
        ),
        (
            "https://prod-1.westeurope.logic.azure.com/workflows/x?sig=s3cret",
            "`url` looks like a workflow of Microsoft Teams",
        ),
    ] {
        let chat: GoogleChat = serde_json::from_value(json!({ "url": url })).unwrap();
        let problem = chat.check().err().unwrap_or_default();
        assert!(
            problem.starts_with(said) && problem.is_empty() == said.is_empty(),
            "{url}: {problem}"
        );
        assert!(!problem.contains("s3cret"));
    }
    let relay: GoogleChat =
        adapter(json!({ "url": "https://relay.example.org/v1/spaces/A/messages?key=k&token=t" }));
    assert!(
        relay
            .note()
            .is_some_and(|note| note.contains("not at chat.googleapis.com"))
    );
    assert_eq!(chat().note(), None);
}
