//! The meaning of ntfy's answers.

use std::time::Duration;

use serde_json::Value;

use crate::adapter::{Verdict, answer_json, visible_text};
use crate::transport::Response;

/// The pause for a server that had too many requests: it allows one more every 5 s, and does not
/// say so.
const BUSY: Duration = Duration::from_secs(15);
/// The pause if the quota of a day is used up: an hour, since the end of the day is not known.
const QUOTA: Duration = Duration::from_secs(60 * 60);

/// The codes of errors: a status from 400 on, followed by a number.
const CODES: std::ops::Range<u64> = 40_000..60_000;

/// Judges by the `code` in the body. A code of another service, such as `{"code":503}`, is out of
/// range.
pub(super) fn judge(response: &Response) -> Verdict {
    let answer = response.json::<Value>().unwrap_or_default();
    let code = answer.get("code").and_then(Value::as_u64);
    let Some(code) = code.filter(|code| CODES.contains(code)) else {
        let is_message =
            !answer_json::string_at(&answer, "id").is_empty() || begins_a_message(response);
        return match response.is_success() && is_message {
            true => Verdict::Delivered,
            false => Verdict::from_stranger(response),
        };
    };
    let reason = visible_text::reason(answer_json::string_at(&answer, "error"));
    let reason = reason.map_or_else(|| code.to_string(), |why| format!("{why} ({code})"));
    match code {
        // Bandwidth, messages of a day, calls of a day.
        42_905 | 42_908 | 42_910 => Verdict::Wait(response.retry_after().unwrap_or(QUOTA)),
        42_900..=42_999 => Verdict::Wait(response.retry_after().unwrap_or(BUSY)),
        // The topic's name.
        40_009 | 40_010 => Verdict::Gone(reason),
        40_100..=40_199 | 40_300..=40_499 | 41_000..=41_099 => Verdict::Gone(reason),
        // A topic of UnifiedPush that nobody reads.
        50_700..=50_799 => Verdict::Refused(reason),
        40_800..=40_899 | 50_000..=59_999 => Verdict::Retry(reason),
        _ => Verdict::Refused(reason),
    }
}

/// Returns whether the body begins like ntfy's message object, whose first member is `id`.
fn begins_a_message(response: &Response) -> bool {
    let cut = serde_json::from_slice::<Value>(response.body()).is_err_and(|error| error.is_eof());
    cut && response.body().starts_with(b"{\"id\":\"")
}

#[cfg(test)]
mod tests {
    use super::{BUSY, QUOTA, judge};
    use crate::adapter::Verdict;
    use crate::adapter::verdict::tests::{answer, assert_strangers_are_away};

    fn judged(status: u16, body: &str) -> Verdict {
        judge(&answer(status, body))
    }

    fn error(code: u32) -> String {
        format!(
            r#"{{"code":{code},"http":{},"error":"why","link":"https://ntfy.sh/docs"}}"#,
            code / 100
        )
    }

    #[test]
    fn a_code_means_what_it_means_under_any_status() {
        let why = |code: u32| format!("why ({code})");
        for status in [200, 400, 500] {
            for (code, verdict) in [
                (42_901, Verdict::Wait(BUSY)),
                (42_908, Verdict::Wait(QUOTA)),
                (40_009, Verdict::Gone(why(40_009))),
                (40_101, Verdict::Gone(why(40_101))),
                (40_301, Verdict::Gone(why(40_301))),
                (40_401, Verdict::Gone(why(40_401))),
                (40_024, Verdict::Refused(why(40_024))),
                (40_057, Verdict::Refused(why(40_057))),
                (41_301, Verdict::Refused(why(41_301))),
                (50_001, Verdict::Retry(why(50_001))),
                (50_701, Verdict::Refused(why(50_701))),
            ] {
                assert_eq!(judged(status, &error(code)), verdict);
            }
        }
    }

    #[test]
    fn a_code_of_another_service_is_not_ntfys() {
        for (status, body, is_away) in [
            (404, r#"{"code":404,"message":"no route"}"#, true),
            (403, r#"{"code":10015}"#, true),
            (400, r#"{"code":0}"#, true),
            (503, r#"{"code":503,"message":"no upstream"}"#, false),
        ] {
            let verdict = judged(status, body);
            assert_eq!(matches!(verdict, Verdict::Away(_)), is_away, "{body}");
            assert_eq!(matches!(verdict, Verdict::Retry(_)), !is_away, "{body}");
        }
    }

    #[test]
    fn only_a_message_is_a_delivery() {
        for body in [
            r#"{"id":"sPs71M8A2T","event":"message"}"#,
            r#"{"id":"sPs71M8A2T","ti"#,
        ] {
            assert_eq!(judged(200, body), Verdict::Delivered);
        }
        for body in ["", "ok", "{}", r#"{"id":""}"#, "<html>"] {
            assert!(matches!(judged(200, body), Verdict::Away(_)), "{body}");
        }
    }

    #[test]
    fn a_stranger_is_never_the_platform_that_says_it_is_gone() {
        assert_strangers_are_away(judge);
    }
}
