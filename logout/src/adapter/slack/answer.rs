//! The meaning of Slack's answers, and of those that imitate its webhooks.

use serde_json::Value;

use crate::adapter::{Verdict, visible_text};
use crate::transport::Response;

/// The words for a webhook that is gone (Slack, "Sending messages using incoming webhooks", "Handling errors").
#[rustfmt::skip]
const GONE: [&str; 11] = [
    "no_service", "no_service_id", "no_active_hooks", "no_team", "team_disabled", "invalid_token",
    "channel_not_found", "channel_is_archived", "action_prohibited",
    "posting_to_general_channel_denied", "user_not_found",
];

/// Those for a message that is refused. Older reports have them under 500.
#[rustfmt::skip]
const REFUSED: [&str; 7] = [
    "missing_text_or_fallback_or_attachments", "no_text", "invalid_payload", "too_many_attachments",
    "invalid_attachments", "msg_too_long", "msg_blocks_too_long",
];

/// Judges by the body before the status: Slack documents the status of few of its error codes.
pub(super) fn judge(response: &Response) -> Verdict {
    let body = response.text();
    let word = body.trim();
    match word {
        _ if GONE.contains(&word) => Verdict::Gone(word.to_owned()),
        "thread_not_found" | "invalid_thread_ts" | "cannot_reply_to_message" => {
            Verdict::Unroutable(word.to_owned())
        }
        _ if REFUSED.contains(&word) => Verdict::Refused(word.to_owned()),
        _ if word.starts_with("invalid_blocks") => {
            Verdict::Refused(visible_text::short_error_text(word))
        }
        _ if response.is_success() => judge_success(response, word),
        _ => match Verdict::from_stranger(response) {
            // An error code in Slack's style that it does not document.
            Verdict::Away(_) if is_error_word(word) && response.status() == 400 => {
                Verdict::Refused(word.to_owned())
            }
            Verdict::Away(_) if is_error_word(word) => Verdict::Away(word.to_owned()),
            Verdict::Retry(_) if is_error_word(word) => Verdict::Retry(word.to_owned()),
            verdict => verdict,
        },
    }
}

/// Judges a success: Slack answers `ok`, and services that imitate it answer that or JSON.
fn judge_success(response: &Response, word: &str) -> Verdict {
    if word.eq_ignore_ascii_case("ok") {
        return Verdict::Delivered;
    }
    let answer = response.json::<Value>();
    let Some(answer) = answer.as_ref().and_then(Value::as_object) else {
        return match word {
            "" => Verdict::Away("an answer without `ok` in it".to_owned()),
            _ => Verdict::from_stranger(response),
        };
    };
    let is = |key: &str, value: &Value| answer.get(key) == Some(value);
    let error = answer.get("error").filter(|error| !error.is_null());
    let is_error = is("ok", &Value::Bool(false))
        || is("success", &Value::Bool(false))
        || is("result", &Value::from("error"));
    match error {
        // It is not documented whether such a service means the message.
        Some(error) => {
            let why = visible_text::reason(error.as_str().unwrap_or_default());
            Verdict::Refused(why.unwrap_or_else(|| "error".to_owned()))
        }
        None if is_error => Verdict::Refused("it answers that it failed".to_owned()),
        None => Verdict::Delivered,
    }
}

/// Returns whether an answer is a word in the style of Slack's error codes, known or not.
fn is_error_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::adapter::Verdict;
    use crate::transport::Response;

    fn judged(status: u16, body: &str) -> Verdict {
        let mut response = Response::new(status);
        // As Slack serves its error codes.
        response.append_header("content-type", "text/html");
        response.set_body(body);
        judge(&response)
    }

    #[test]
    fn only_ok_and_an_imitators_json_are_deliveries() {
        for body in [
            "ok",
            "ok\n",
            "OK",
            r#"{"ok":true}"#,
            r#"{"success":true}"#,
            r#"{"result":"success","msg":""}"#,
            r#"{"ok":true,"error":null}"#,
        ] {
            assert_eq!(judged(200, body), Verdict::Delivered, "{body}");
        }
        for body in [
            "",
            "o",
            "<html>sign in</html>",
            "welcome",
            "[]",
            "null",
            "{\"ok\":tr",
        ] {
            assert!(matches!(judged(200, body), Verdict::Away(_)), "{body}");
        }
        for body in [r#"{"ok":false}"#, r#"{"success":false,"error":"bad hook"}"#] {
            assert!(matches!(judged(200, body), Verdict::Refused(_)), "{body}");
        }
    }

    #[test]
    fn slacks_words_mean_what_they_mean_under_every_status() {
        for status in [200, 302, 400, 403, 404, 410, 500] {
            assert_eq!(
                judged(status, "no_service"),
                Verdict::Gone("no_service".to_owned())
            );
            assert_eq!(
                judged(status, "invalid_payload"),
                Verdict::Refused("invalid_payload".to_owned())
            );
        }
    }

    #[test]
    fn a_stranger_is_never_slack_that_says_it_is_gone() {
        for status in [302, 400, 401, 403, 404, 410, 413] {
            assert_eq!(
                judged(status, "<html><title>Blocked</title></html>"),
                Verdict::Away("Blocked".to_owned())
            );
            assert!(matches!(judged(status, ""), Verdict::Away(_)), "{status}");
        }
        assert_eq!(
            judged(404, "not_here"),
            Verdict::Away("not_here".to_owned())
        );
        assert_eq!(
            judged(400, "odd_block"),
            Verdict::Refused("odd_block".to_owned())
        );
        assert!(matches!(judged(500, "rollup_error"), Verdict::Retry(_)));
    }
}
