//! The meaning of Discord's answers.

use std::time::Duration;

use serde_json::Value;

use crate::adapter::Verdict;
use crate::adapter::log_text;
use crate::transport::Response;

/// How long an address is left alone that Cloudflare blocks without saying for how long. A ban
/// lasts up to an hour, and every request counts towards the next one (Discord, "Invalid Request
/// Limit").
const BLOCKED: Duration = Duration::from_secs(15 * 60);

pub(super) fn judge(response: &Response) -> Verdict {
    if response.is_success() {
        // 200 with the message, or 204 without; a page is a proxy's.
        return match response.body().first() {
            Some(b'<') => Verdict::Retry("a web page answered instead of Discord".to_owned()),
            _ => Verdict::Delivered,
        };
    }
    let answer = response.json::<Value>().unwrap_or_default();
    if response.status() == 429 {
        // Where the limit is shared with others (`X-RateLimit-Scope: shared`) only these two
        // tell the wait; `X-RateLimit-Reset-After` is then another limit's.
        let wait = log_text::wait_at(&answer, "/retry_after");
        let wait = wait.or_else(|| response.retry_after());
        return Verdict::Wait(wait.unwrap_or(BLOCKED));
    }
    let code = answer
        .get("code")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    let reason = match (
        code,
        log_text::short_reason(log_text::string_at(&answer, "message")),
    ) {
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
        _ => match Verdict::from_status(response) {
            Verdict::Retry(_) => Verdict::Retry(reason),
            Verdict::Gone(_) => Verdict::Gone(reason),
            Verdict::Refused(_) => Verdict::Refused(reason),
            verdict => verdict,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::judge;
    use crate::adapter::Verdict;
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
}
