//! The meaning of Google Chat's answers.

use std::time::Duration;

use serde_json::Value;

use crate::adapter::{Verdict, answer_json, visible_text};
use crate::transport::Response;

/// The pause for a space whose answer names none: its quota is per minute.
const BUSY: Duration = Duration::from_secs(60);

/// Judges by the status in the body before that of HTTP.
pub(super) fn judge(response: &Response) -> Verdict {
    let answer = response.json::<Value>().unwrap_or_default();
    let error = answer.get("error").unwrap_or(&Value::Null);
    let status = answer_json::string_at(error, "status");
    if status.is_empty() {
        return match response.status() {
            200..=299 if is_message(response, &answer) => Verdict::Delivered,
            429 => Verdict::Wait(response.retry_after().unwrap_or(BUSY)),
            _ => Verdict::from_stranger(response),
        };
    }
    let reason = visible_text::reason(answer_json::string_at(error, "message"));
    let reason = reason.unwrap_or_else(|| visible_text::short_error_text(status));
    // Google, `google.rpc.Code`.
    match (status, response.status()) {
        ("RESOURCE_EXHAUSTED", _) | (_, 429) => {
            Verdict::Wait(response.retry_after().unwrap_or(BUSY))
        }
        ("UNAUTHENTICATED" | "PERMISSION_DENIED" | "NOT_FOUND", _) => Verdict::Gone(reason),
        ("UNAVAILABLE" | "INTERNAL" | "DEADLINE_EXCEEDED" | "ABORTED" | "UNKNOWN", _) => {
            Verdict::Retry(reason)
        }
        // A withdrawn key is reported as an argument, too.
        ("INVALID_ARGUMENT", _) if reason.contains("API key") => Verdict::Gone(reason),
        ("INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE", _) => {
            Verdict::Refused(reason)
        }
        (_, 401 | 403 | 404 | 410) => Verdict::Gone(reason),
        (_, 408 | 425 | 500..=599) => Verdict::Retry(reason),
        _ => Verdict::Refused(reason),
    }
}

/// Returns whether an answer is a message, or the beginning of one: it has a message's name.
fn is_message(response: &Response, answer: &Value) -> bool {
    if answer_json::string_at(answer, "name").starts_with("spaces/") {
        return true;
    }
    let is_cut =
        serde_json::from_slice::<Value>(response.body()).is_err_and(|error| error.is_eof());
    is_cut && response.text().contains("\"spaces/")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::judge;
    use crate::adapter::Verdict;
    use crate::adapter::verdict::tests::{answer, assert_strangers_are_away};

    fn judged(status: u16, body: &str) -> Verdict {
        judge(&answer(status, body))
    }

    fn error(status: &str) -> String {
        format!(r#"{{"error":{{"code":400,"message":"why","status":"{status}"}}}}"#)
    }

    #[test]
    fn only_a_message_is_a_delivery() {
        for body in [
            r#"{"name":"spaces/A/messages/B"}"#,
            "{\n  \"name\": \"spaces/A/messages/B.C\",\n  \"thread\": {",
        ] {
            assert_eq!(judged(200, body), Verdict::Delivered, "{body}");
        }
        for body in [
            "",
            "ok",
            "{}",
            "[]",
            r#"{"name":"x"}"#,
            "<html>spaces/",
            r#"{"na"#,
        ] {
            assert!(matches!(judged(200, body), Verdict::Away(_)), "{body}");
        }
    }

    #[test]
    fn a_status_in_the_body_means_the_same_under_every_other() {
        for http in [200, 302, 400, 403, 404, 500] {
            for status in ["UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND"] {
                assert_eq!(
                    judged(http, &error(status)),
                    Verdict::Gone("why".to_owned())
                );
            }
            assert_eq!(
                judged(http, &error("INVALID_ARGUMENT")),
                Verdict::Refused("why".to_owned())
            );
            assert!(matches!(
                judged(http, &error("UNAVAILABLE")),
                Verdict::Retry(_)
            ));
            assert_eq!(
                judged(http, &error("RESOURCE_EXHAUSTED")),
                Verdict::Wait(Duration::from_secs(60))
            );
        }
        let key =
            r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}"#;
        assert!(matches!(judged(400, key), Verdict::Gone(_)));
    }

    #[test]
    fn a_stranger_is_never_google_that_says_it_is_gone() {
        assert_strangers_are_away(judge);
        assert_eq!(judged(429, ""), Verdict::Wait(Duration::from_secs(60)));
    }
}
