//! Google Chat.

use logout::sandbox::Platform;
use serde_json::{Value, json};

use super::{check, start};
use crate::{chats, client};

fn card(widgets: Value) -> Value {
    let mut message = json!({ "cardsV2": [{ "cardId": "x", "card": { "sections": [{}] } }] });
    message["cardsV2"][0]["card"]["sections"][0]["widgets"] = widgets;
    message
}

fn paragraph(text: &str) -> Value {
    json!([{ "textParagraph": { "text": text } }])
}

#[test]
fn google_chat_refuses_what_it_does_not_know_and_what_is_too_long() {
    let button = |url: &str| json!([{ "buttonList": { "buttons": [{ "text": "t", "onClick": { "openLink": { "url": url } } }] } }]);
    let many: Vec<_> = (0..8)
        .map(|_| json!({ "textParagraph": { "text": "x".repeat(4_090) } }))
        .collect();
    check(
        Platform::GoogleChat,
        &[
            (json!({ "text": "é".repeat(4_096) }), ""),
            (
                json!({ "text": "é".repeat(4_097) }),
                "longer than 4096 characters",
            ),
            (json!({ "text": " " }), "cannot be empty"),
            (json!({ "text": 7 }), "INVALID_ARGUMENT"),
            (json!({ "txt": "x" }), "Unknown name"),
            (card(paragraph("x")), ""),
            (card(paragraph("")), "is empty"),
            (card(json!([])), "no list of one or more"),
            (card(json!([{}])), "A widget is empty"),
            (
                card(json!([{ "textParagraph": { "text": "x", "size": 3 } }])),
                "Unknown name",
            ),
            (card(button("https://x.org")), ""),
            (card(button("javascript:alert(1)")), "openLink.url"),
            (card(json!(many)), "32000 bytes"),
            (
                json!({ "text": "x", "thread": { "threadKey": "" } }),
                "Invalid thread key",
            ),
            (
                json!({ "text": "x", "thread": { "threadKey": "k".repeat(4_001) } }),
                "Invalid thread key",
            ),
        ],
    );
}

#[test]
fn a_thread_is_found_by_its_key_where_the_query_asks_for_it() {
    let sandbox = start();
    let url = chats::url(&sandbox, Platform::GoogleChat, "google_chat");
    let body = json!({ "text": "x", "thread": { "threadKey": "shop/3fa9c1" } }).to_string();
    let post = |option: &str| {
        client::send(
            "POST",
            &format!("{url}{option}"),
            &[chats::JSON],
            body.as_bytes(),
        )
        .unwrap()
    };
    let thread = || {
        let message = sandbox.inbox().pop().unwrap();
        let details = message.details().google_chat().unwrap().clone();
        (details.thread, details.is_reply)
    };
    assert_eq!(post("").status, 200);
    assert_eq!(thread(), (None, false));
    assert_eq!(
        post("&messageReplyOption=REPLY_MESSAGE_OR_FAIL").status,
        404
    );
    for is_reply in [false, true] {
        let answer = post("&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
        assert_eq!(answer.status, 200);
        assert!(
            answer.json()["name"]
                .as_str()
                .unwrap()
                .starts_with("spaces/")
        );
        assert_eq!(thread(), (Some("shop/3fa9c1".to_owned()), is_reply));
    }
    assert_eq!(post("&messageReplyOption=REPLY").status, 400);
}

#[test]
fn key_and_token_and_space_are_asked_for() {
    let sandbox = start();
    let url = chats::url(&sandbox, Platform::GoogleChat, "google_chat");
    let (base, query) = url.split_once('?').unwrap();
    let (key, token) = query.split_once('&').unwrap();
    for (url, status, code) in [
        (base.to_owned(), 403, "PERMISSION_DENIED"),
        (format!("{base}?{key}x&{token}"), 400, "API key not valid"),
        (format!("{base}?{key}&{token}x"), 403, "PERMISSION_DENIED"),
        (
            format!("{}/v1/spaces/B/messages?{query}", sandbox.url()),
            404,
            "NOT_FOUND",
        ),
    ] {
        let answer = client::send("POST", &url, &[chats::JSON], b"{\"text\":\"x\"}").unwrap();
        assert_eq!(answer.status, status, "{url}");
        assert!(answer.text().contains(code));
        let shown = sandbox.requests().pop().unwrap();
        assert!(
            !shown
                .request()
                .path()
                .contains(token.trim_start_matches("token="))
        );
    }
}
