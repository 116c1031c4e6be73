//! The meaning of the Events API's answers.

use std::time::Duration;

use serde_json::Value;

use crate::adapter::{Verdict, answer_json, visible_text};
use crate::transport::Response;

/// The pause for a key whose answer names none: "a backoff of a few minutes" (PagerDuty, "Events
/// API v2 Overview"), "30 seconds apart" ("Events API Rate Limits").
const BUSY: Duration = Duration::from_secs(60);

pub(super) fn judge(response: &Response) -> Verdict {
    if response.status() == 429 {
        return Verdict::Wait(response.retry_after().unwrap_or(BUSY));
    }
    let answer = response.json::<Value>().unwrap_or_default();
    let status = answer_json::string_at(&answer, "status");
    match (status, response.status()) {
        ("success", 200..=299) => Verdict::Delivered,
        ("", _) | ("success", _) => Verdict::from_stranger(response),
        (_, 408 | 425 | 500..=599) => Verdict::Retry(reason(&answer)),
        _ if is_about_the_key(&answer) => Verdict::Gone(reason(&answer)),
        (_, 400 | 413 | 422) => Verdict::Refused(reason(&answer)),
        // `{"status":"Failure"}` is a common answer of proxies.
        _ => Verdict::from_stranger(response),
    }
}

fn errors(answer: &Value) -> impl Iterator<Item = &str> {
    answer_json::list_at(answer, "errors").filter_map(Value::as_str)
}

/// Returns whether the key is refused, which has the status 400 like everything else.
pub(super) fn is_about_the_key(answer: &Value) -> bool {
    errors(answer).any(|error| error.contains("routing_key"))
}

/// Returns the errors in an answer, or else its text.
pub(super) fn reason(answer: &Value) -> String {
    let told = errors(answer).take(3).collect::<Vec<_>>().join("; ");
    let said = [
        &*told,
        answer_json::string_at(answer, "message"),
        answer_json::string_at(answer, "status"),
    ];
    let said = said.into_iter().find_map(visible_text::reason);
    said.unwrap_or_else(|| "refused".to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::judge;
    use crate::adapter::Verdict;
    use crate::adapter::verdict::tests::{answer, assert_strangers_are_away};
    use crate::transport::Response;

    fn judged(status: u16, body: &str) -> Verdict {
        judge(&answer(status, body))
    }

    const SUCCESS: &str =
        r#"{"status":"success","message":"Event processed","dedup_key":"shop/x/3fa9c1"}"#;

    fn invalid(error: &str) -> String {
        format!(
            r#"{{"status":"invalid event","message":"Event object is invalid","errors":["{error}"]}}"#
        )
    }

    #[test]
    fn only_its_own_success_is_a_delivery() {
        assert_eq!(judged(202, SUCCESS), Verdict::Delivered);
        for (status, body) in [
            (202, ""),
            (202, "{}"),
            (200, "ok"),
            (302, SUCCESS),
            (404, "{}"),
            (200, r#"{"status":"ok"}"#),
            (403, r#"{"status":"Failure","message":"forbidden"}"#),
            (404, r#"{"status":404,"message":"no route"}"#),
        ] {
            assert!(
                matches!(judged(status, body), Verdict::Away(_)),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_wrong_key_is_told_from_a_wrong_event() {
        let key = "Length of 'routing_key' is incorrect (should be 32 characters)";
        assert_eq!(judged(400, &invalid(key)), Verdict::Gone(key.to_owned()));
        for error in [
            "'link href' is missing or blank",
            "'image src' is missing or blank",
        ] {
            assert_eq!(
                judged(400, &invalid(error)),
                Verdict::Refused(error.to_owned())
            );
        }
        assert_eq!(
            judged(
                400,
                r#"{"status":"invalid event","message":"Event object is invalid"}"#
            ),
            Verdict::Refused("Event object is invalid".to_owned())
        );
    }

    #[test]
    fn a_busy_service_is_left_alone_for_a_minute() {
        assert_eq!(judged(429, ""), Verdict::Wait(Duration::from_secs(60)));
        let mut busy = Response::new(429);
        busy.append_header("retry-after", "7");
        assert_eq!(judge(&busy), Verdict::Wait(Duration::from_secs(7)));
        assert!(matches!(judged(503, ""), Verdict::Retry(_)));
        assert!(matches!(judged(500, &invalid("x")), Verdict::Retry(_)));
    }

    #[test]
    fn a_stranger_is_never_the_platform_that_says_it_is_gone() {
        assert_strangers_are_away(judge);
    }
}
