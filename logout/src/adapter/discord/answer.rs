//! The meaning of Discord's answers.

use std::time::Duration;

use serde_json::Value;

use crate::adapter::Verdict;
use crate::adapter::{answer_json, visible_text};
use crate::transport::Response;

/// The pause for an address that Cloudflare blocks without saying for how long. A ban lasts up to
/// an hour, and every request counts towards the next one (Discord, "Invalid Request Limit").
const BLOCKED: Duration = Duration::from_secs(15 * 60);

/// Judges by the body before the status: a `code` has one meaning under any status, and Discord
/// documents a status for none.
pub(super) fn judge(response: &Response) -> Verdict {
    let answer = response.json::<Value>().unwrap_or_default();
    if response.status() == 429 {
        // If the limit is shared with others (`X-RateLimit-Scope: shared`) only these two hold the
        // wait; `X-RateLimit-Reset-After` is then another limit's.
        let wait = answer_json::wait_at(&answer, "/retry_after");
        let wait = wait.or_else(|| response.retry_after());
        return Verdict::Wait(wait.unwrap_or(BLOCKED));
    }
    if let Some(code) = answer.get("code").and_then(Value::as_i64) {
        return judge_code(response, code, answer_json::string_at(&answer, "message"));
    }
    match response.status() {
        204 => Verdict::Delivered,
        200..=299 if answer.get("id").is_some() || begins_a_message(response) => Verdict::Delivered,
        _ => Verdict::from_stranger(response),
    }
}

/// Returns the meaning of an error of Discord's own.
fn judge_code(response: &Response, code: i64, message: &str) -> Verdict {
    let reason = match (code, visible_text::short_error_text(message)) {
        (0, message) if message.is_empty() => format!("status {}", response.status()),
        (0, message) => message,
        (code, message) => format!("{message} ({code})"),
    };
    match code {
        // Unknown channel, archived thread, locked thread.
        10003 | 50083 | 160_005 => Verdict::Unroutable(reason),
        // "If a webhook returns a 404 status you should not attempt to use it again" (Discord, "Rate
        // Limits").
        10015 => Verdict::GoneForGood(reason),
        // Missing access or permission, invalid token, forum without a thread
        // or a tag, blocked sender.
        50001 | 50013 | 50027 | 40067 | 220_001..=220_004 | 40333 => Verdict::Gone(reason),
        // Form, empty, JSON, size, moderation, links.
        50035 | 50006 | 50109 | 40005 | 200_000 | 200_001 | 240_000 => Verdict::Refused(reason),
        130_000 => Verdict::Retry(reason),
        _ => match response.status() {
            401 | 403 | 404 | 410 => Verdict::Gone(reason),
            408 | 425 | 500..=599 => Verdict::Retry(reason),
            _ => Verdict::Refused(reason),
        },
    }
}

/// Returns whether the body begins like Discord's message object, which has an `id`.
fn begins_a_message(response: &Response) -> bool {
    let body = response.body();
    let cut = serde_json::from_slice::<Value>(body).is_err_and(|error| error.is_eof());
    cut && body.starts_with(b"{") && response.text().contains("\"id\":\"")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::judge;
    use crate::adapter::Verdict;
    use crate::adapter::verdict::tests::answer;
    use crate::transport::Response;

    #[test]
    fn a_ban_without_a_word_about_its_end_waits_long() {
        assert_eq!(
            judge(&Response::new(429)),
            Verdict::Wait(Duration::from_secs(900))
        );
    }

    #[test]
    fn an_error_under_an_unexpected_status_is_known_by_its_code() {
        let mut response = Response::new(500);
        response.set_body(r#"{"code":10015,"message":"Unknown Webhook"}"#);
        assert_eq!(
            judge(&response),
            Verdict::GoneForGood("Unknown Webhook (10015)".to_owned())
        );
    }

    fn judged(status: u16, body: &str) -> Verdict {
        judge(&answer(status, body))
    }

    #[test]
    fn only_204_and_a_message_are_deliveries() {
        for (status, body) in [
            (204, ""),
            (200, r#"{"id":"1","content":"x"}"#),
            (200, r#"{"type":0,"id":"1","content":"x"#),
        ] {
            assert_eq!(judged(status, body), Verdict::Delivered, "{status} {body}");
        }
        for body in [
            "",
            "ok",
            "{}",
            "[]",
            "<html>welcome",
            r#"{"status":"x","id":"#,
        ] {
            assert!(matches!(judged(200, body), Verdict::Away(_)), "{body}");
        }
    }

    #[test]
    fn a_code_means_what_it_means_under_any_status() {
        for status in [200, 302, 400, 401, 404, 413, 500] {
            let judged = |code| judged(status, &format!(r#"{{"message":"x","code":{code}}}"#));
            assert!(matches!(judged(10015), Verdict::GoneForGood(_)));
            assert!(matches!(judged(50027), Verdict::Gone(_)));
            assert!(matches!(judged(50035), Verdict::Refused(_)));
            assert!(matches!(judged(10003), Verdict::Unroutable(_)));
        }
    }

    #[test]
    fn a_stranger_is_never_discord_that_says_it_is_gone() {
        for status in [302, 400, 401, 403, 404, 410, 413] {
            for body in [
                "",
                "<html><title>Blocked</title></html>",
                r#"{"message":"Forbidden"}"#,
                r#"{"code":"forbidden","message":"no"}"#,
            ] {
                assert!(
                    matches!(judged(status, body), Verdict::Away(_)),
                    "{status} {body}"
                );
            }
        }
        // Discord's own, without a number of its own.
        let body = r#"{"message":"404: Not Found","code":0}"#;
        assert_eq!(
            judged(404, body),
            Verdict::Gone("404: Not Found".to_owned())
        );
    }
}
