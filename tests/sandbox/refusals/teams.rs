//! Teams.

use logout::sandbox::Platform;
use serde_json::{Value, json};

use super::{check, start};
use crate::{chats, client};

fn card(body: Value) -> Value {
    let mut card = json!({ "type": "AdaptiveCard", "version": "1.2" });
    card["body"] = body;
    card
}

fn message(card: Value) -> Value {
    let mut message = json!({ "type": "message", "attachments": [{
        "contentType": "application/vnd.microsoft.card.adaptive" }] });
    message["attachments"][0]["content"] = card;
    message
}

fn text(length: usize) -> Value {
    message(card(
        json!([{ "type": "TextBlock", "text": "x".repeat(length) }]),
    ))
}

#[test]
fn the_trigger_refuses_what_its_schema_does_not_know() {
    check(
        Platform::Teams,
        &[
            (text(5), ""),
            (json!({ "text": "old" }), "TriggerInputSchemaMismatch"),
            (
                json!({ "type": "message", "attachments": [] }),
                "TriggerInputSchemaMismatch",
            ),
            (
                json!({ "type": "message", "attachments": [{ "contentType": "text/plain", "content": {} }] }),
                "TriggerInputSchemaMismatch",
            ),
            (message(json!("text")), "TriggerInputSchemaMismatch"),
        ],
    );
}

#[test]
fn a_flow_that_fails_has_answered_202_before() {
    let too_many: Vec<_> = (0..7)
        .map(|_| json!({ "type": "Action.OpenUrl", "title": "t", "url": "https://x.org" }))
        .collect();
    for (body, why) in [
        // 24,453 bytes were 28,897 of 28,672.
        (text(24_300), "bytes of properties"),
        (
            message(json!({ "type": "MessageCard", "text": "x" })),
            "'type' must be 'AdaptiveCard'",
        ),
        (
            message(json!({ "type": "AdaptiveCard", "version": "9.9", "body": [] })),
            "no version",
        ),
        (message(card(json!([]))), "`body` is empty"),
        (
            message(card(json!([{ "type": "Marquee" }]))),
            "no element `Marquee`",
        ),
        (
            message(card(json!([{ "type": "TextBlock", "text": "" }]))),
            "`text` is empty",
        ),
        (
            message(card(
                json!([{ "type": "TextBlock", "text": "x", "colour": "red" }]),
            )),
            "has no `colour`",
        ),
        (
            message(card(json!([{ "type": "RichTextBlock", "inlines": [] }]))),
            "`inlines`",
        ),
        (
            message(card(
                json!([{ "type": "FactSet", "facts": [{ "title": "a" }] }]),
            )),
            "`value`",
        ),
        (
            message(card(
                json!([{ "type": "Container", "style": "loud", "items": [{ "type": "TextBlock", "text": "x" }] }]),
            )),
            "no style",
        ),
        (
            message(card(json!([{ "type": "ActionSet", "actions": too_many }]))),
            "7 actions",
        ),
    ] {
        let sandbox = start();
        let answer = chats::post(&sandbox, Platform::Teams, &body);
        assert_eq!((answer.status, answer.text().as_str()), (202, ""));
        assert!(sandbox.inbox().is_empty());
        let last = sandbox.requests().pop().unwrap();
        let refusal = last.refusal().unwrap();
        assert!(
            refusal.starts_with("the flow fails, which its sender is not told")
                && refusal.contains(why),
            "{refusal}"
        );
    }
    let sandbox = start();
    assert_eq!(
        chats::post(&sandbox, Platform::Teams, &text(23_900)).status,
        202
    );
    assert_eq!(sandbox.inbox().len(), 1);
}

#[test]
fn the_signature_and_the_flow_are_asked_for() {
    let sandbox = start();
    let url = chats::url(&sandbox, Platform::Teams, "teams");
    let body = text(5).to_string();
    let (base, sig) = url.split_once("&sig=").unwrap();
    let flow = base.split('/').nth(4).unwrap();
    for (url, status, code) in [
        (base.to_owned(), 401, "DirectApiAuthorizationRequired"),
        (format!("{base}&sig=x{sig}"), 401, "SecurityTokenInvalid"),
        (url.replace(flow, "0a"), 404, "WorkflowNotFound"),
        (
            url.replace(
                "/workflows/",
                "/powerautomate/automations/direct/workflows/",
            ),
            202,
            "",
        ),
    ] {
        let answer = client::send("POST", &url, &[chats::JSON], body.as_bytes()).unwrap();
        assert_eq!(answer.status, status, "{url}");
        assert!(answer.text().contains(code));
        let shown = sandbox.requests().pop().unwrap();
        assert!(!shown.request().path().contains(sig));
    }
}
