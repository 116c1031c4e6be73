//! The meaning of the Web API's answers, which have the status 200 even for errors.

use serde_json::Value;

use crate::adapter::{Verdict, answer_json, visible_text};
use crate::transport::Response;

/// The words for a token or a channel with which nothing can be posted.
#[rustfmt::skip]
const GONE: [&str; 24] = [
    "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired",
    "not_allowed_token_type", "no_permission", "missing_scope", "org_login_required",
    "ekm_access_denied", "access_denied", "enterprise_is_restricted", "team_access_not_granted",
    "two_factor_setup_required", "channel_not_found", "not_in_channel", "is_archived",
    "restricted_action", "restricted_action_read_only_channel",
    "restricted_action_non_threadable_channel", "restricted_action_thread_only_channel",
    "as_user_not_supported", "method_deprecated", "deprecated_endpoint",
];

/// Those that blame Slack, or how much it has to do, and nothing that is set here.
#[rustfmt::skip]
const PASSING: [&str; 8] = [
    "ratelimited", "rate_limited", "fatal_error", "internal_error", "request_timeout",
    "service_unavailable", "team_added_to_org", "message_limit_exceeded",
];

/// Judges by the error code in the body (Slack, `chat.postMessage`, "Errors"). An error about the
/// file only leaves the file out, whatever the verdict.
pub(super) fn judge(response: &Response) -> Verdict {
    let answer = response.json::<Value>().unwrap_or_default();
    let word = answer_json::string_at(&answer, "error");
    match answer.get("ok").and_then(Value::as_bool) {
        Some(false) if !word.is_empty() => judge_error(response, &answer, word),
        Some(true) if response.is_success() => Verdict::Delivered,
        // The address for files answers in plain text, `OK - ` and how many bytes.
        None if response.is_success() && response.text().starts_with("OK - ") => Verdict::Delivered,
        // Cut off, but after the success.
        None if response.is_success() && response.body().starts_with(b"{\"ok\":true,") => {
            Verdict::Delivered
        }
        _ => Verdict::from_stranger(response),
    }
}

fn judge_error(response: &Response, answer: &Value, word: &str) -> Verdict {
    let mut reason = visible_text::short_error_text(word);
    // The missing scope, or the faulty block, is named beside it.
    let needed = answer_json::string_at(answer, "needed");
    if !needed.is_empty() {
        reason = visible_text::short_error_text(&format!("{reason}: {needed}"));
    }
    match word {
        _ if GONE.contains(&word) => Verdict::Gone(reason),
        "thread_not_found"
        | "invalid_thread_ts"
        | "cannot_reply_to_message"
        | "message_not_found"
        | "restricted_action_thread_locked" => Verdict::Unroutable(reason),
        "ratelimited" | "rate_limited" => wait(response),
        _ if is_passing(word) => Verdict::Retry(reason),
        // An undocumented code, or one about the message or the file: no_text, msg_too_long,
        // msg_blocks_too_long, invalid_blocks, too_many_attachments, invalid_arguments.
        _ => match response.status() {
            429 => wait(response),
            500..=599 => Verdict::Retry(reason),
            _ => Verdict::Refused(reason),
        },
    }
}

/// Returns whether a word is one of those.
pub(super) fn is_passing(word: &str) -> bool {
    PASSING.contains(&word)
}

/// Returns the wait of `Retry-After`, which is on the answer whatever its status.
fn wait(response: &Response) -> Verdict {
    let mut busy = Response::new(429);
    if let Some(seconds) = response.header("retry-after") {
        busy.append_header("retry-after", seconds);
    }
    Verdict::from_status(&busy)
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

    fn error(word: &str) -> String {
        format!(r#"{{"ok":false,"error":"{word}"}}"#)
    }

    #[test]
    fn only_its_own_yes_is_a_delivery() {
        for body in [
            r#"{"ok":true,"channel":"C1","ts":"1.2"}"#,
            r#"{"ok":true,"channel":"C1","ts":"1"#,
        ] {
            assert_eq!(judged(200, body), Verdict::Delivered, "{body}");
        }
        for body in [
            "",
            "ok",
            "{}",
            r#"{"ok":false}"#,
            r#"{"ok":tr"#,
            "<html>welcome",
        ] {
            assert!(matches!(judged(200, body), Verdict::Away(_)), "{body}");
        }
        assert!(matches!(judged(302, r#"{"ok":true}"#), Verdict::Away(_)));
    }

    #[test]
    fn slacks_words_mean_what_they_mean_under_every_status() {
        for status in [200, 302, 400, 403, 404] {
            for word in [
                "invalid_auth",
                "not_in_channel",
                "channel_not_found",
                "is_archived",
            ] {
                assert_eq!(judged(status, &error(word)), Verdict::Gone(word.to_owned()));
            }
            for word in [
                "no_text",
                "msg_blocks_too_long",
                "invalid_blocks",
                "odd_word",
            ] {
                assert_eq!(
                    judged(status, &error(word)),
                    Verdict::Refused(word.to_owned())
                );
            }
            assert!(matches!(
                judged(status, &error("thread_not_found")),
                Verdict::Unroutable(_)
            ));
            assert!(matches!(
                judged(status, &error("internal_error")),
                Verdict::Retry(_)
            ));
        }
        let scope =
            r#"{"ok":false,"error":"missing_scope","needed":"chat:write","provided":"none"}"#;
        assert_eq!(
            judged(200, scope),
            Verdict::Gone("missing_scope: chat:write".to_owned())
        );
    }

    #[test]
    fn a_pause_is_read_from_its_header() {
        for status in [200, 429] {
            let mut busy = Response::new(status);
            busy.append_header("retry-after", "7");
            busy.set_body(error("ratelimited"));
            assert_eq!(judge(&busy), Verdict::Wait(Duration::from_secs(7)));
        }
        assert_eq!(judged(429, ""), Verdict::Wait(Duration::from_secs(30)));
    }

    #[test]
    fn a_stranger_is_never_the_platform_that_says_it_is_gone() {
        assert_strangers_are_away(judge);
    }
}
