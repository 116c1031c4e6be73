//! The meaning of the Bot API's refusals.

use std::time::Duration;

use serde_json::Value;

use crate::adapter::{Verdict, answer_json, visible_text};
use crate::transport::Response;

/// The pause if an answer asks for one and does not say how long.
const BUSY: Duration = Duration::from_secs(30);

/// The texts for a chat that is gone, or in which the bot may no longer write.
const GONE: &[&str] = &[
    "chat not found",
    "chat_id is empty",
    "not enough rights",
    "no rights to send",
    "chat_restricted",
    "chat_write_forbidden",
    "chat_admin_required",
    "peer_id_invalid",
    "group chat was deactivated",
    "group chat was deleted",
];

/// Judges an answer whose `ok` is false by its `error_code`, which is the status unless something
/// on the way changed that.
pub(super) fn judge_refusal(response: &Response, answer: &Value) -> Verdict {
    let code = answer.get("error_code").and_then(Value::as_u64);
    let code = code.and_then(|code| u16::try_from(code).ok());
    let code = code.filter(|code| (400..600).contains(code));
    let description = answer_json::string_at(answer, "description");
    let reason = visible_text::reason(description);
    let reason = reason.unwrap_or_else(|| format!("status {}", response.status()));
    let said = description.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    match code.unwrap_or_else(|| response.status()) {
        429 => {
            let wait = answer_json::wait_at(answer, "/parameters/retry_after");
            Verdict::Wait(wait.or_else(|| response.retry_after()).unwrap_or(BUSY))
        }
        400 if says(&["message thread not found", "topic_closed", "topic_deleted"]) => {
            Verdict::Unroutable(reason)
        }
        400 if says(GONE) => Verdict::Gone(reason),
        401 | 403 | 404 | 421 => Verdict::Gone(reason),
        408 | 500.. => Verdict::Retry(reason),
        _ => Verdict::Refused(reason),
    }
}
