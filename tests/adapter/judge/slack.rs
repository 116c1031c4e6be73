//! Slack's messages as Slack reads them: mrkdwn, Block Kit, and their limits.
#![allow(
    dead_code,
    reason = "every test is a crate of its own and uses its part of this"
)]

use logout::adapter::Step;
use logout::{Notice, Slack};
use serde_json::Value;

use super::plain_text::is_plain;
use super::rendered_request::rendered;

/// Returns the message of one step, and whether another follows.
pub(crate) fn message(slack: &Slack, notice: &Notice, step: Step<'_>) -> (Value, bool) {
    let request = rendered(slack, notice, step);
    let message = serde_json::from_slice(request.body()).unwrap();
    (message, request.is_followed())
}

/// Collects every text in the message, with the kind of object that holds it.
fn texts(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(object) => {
            if let (Some(Value::String(kind)), Some(Value::String(text))) =
                (object.get("type"), object.get("text"))
            {
                found.push((kind.clone(), text.clone()));
            }
            object.values().for_each(|value| texts(value, found));
        }
        _ => {}
    }
}

/// Returns a mrkdwn text without any syntax in it as Slack shows it.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

pub(crate) fn log_text(message: &Value) -> String {
    let blocks = message["attachments"][0]["blocks"].as_array();
    let elements = blocks
        .into_iter()
        .flatten()
        .flat_map(|block| block["elements"].as_array().into_iter().flatten());
    elements
        .filter(|element| element["type"] == "rich_text_preformatted")
        .flat_map(|element| element["elements"].as_array().unwrap())
        .map(|run| run["text"].as_str().unwrap())
        .collect()
}

/// Fails where a part of the message is no text, or not within a limit.
pub(crate) fn judge(notice: &Notice, message: &Value) {
    let text = message["text"].as_str().unwrap();
    assert!(!text.contains(['<', '>']), "syntax in {text}");
    assert!(
        !text
            .replace("&lt;", "")
            .replace("&gt;", "")
            .replace("&amp;", "")
            .contains('&')
    );
    assert_eq!(message["mrkdwn"], false);
    assert!(text.encode_utf16().count() < 4_000);
    if is_plain(&notice.headline)
        && !notice.headline.contains('\n')
        && notice.headline.len() < 60
        && message["blocks"].is_array()
    {
        assert!(unescaped(text).starts_with(&format!("{} {}", notice.emoji(), notice.headline)));
    }

    let mut found = Vec::new();
    texts(message, &mut found);
    let sum: usize = found
        .iter()
        .map(|(_, text)| text.encode_utf16().count())
        .sum();
    assert!(sum + text.len() < 12_000, "{sum}");
    for (kind, text) in &found {
        assert!((1..=3_000).contains(&text.encode_utf16().count()), "{kind}");
        if kind == "mrkdwn" {
            let date = text
                .strip_prefix("<!date^")
                .and_then(|date| date.strip_suffix(" UTC>"));
            assert_eq!(date.unwrap().matches(['<', '>']).count(), 0);
        }
    }
}
