//! The meaning of Zulip's answers.

use std::time::Duration;

use serde_json::Value;

use crate::adapter::{Verdict, answer_json, visible_text};
use crate::transport::Response;

/// The pause if an answer asks for one and does not say how long.
const BUSY: Duration = Duration::from_secs(30);

/// Judges by the body: Zulip's own answers have a `result`, whatever the status.
pub(super) fn judge(response: &Response) -> Verdict {
    let answer = response.json::<Value>().unwrap_or_default();
    // Cut off, but after the success.
    let begins_well = response.body().starts_with(b"{\"result\":\"success\",");
    match answer_json::string_at(&answer, "result") {
        "error" => judge_error(response, &answer),
        result if response.is_success() && (result == "success" || begins_well) => {
            Verdict::Delivered
        }
        _ => Verdict::from_stranger(response),
    }
}

fn judge_error(response: &Response, answer: &Value) -> Verdict {
    let said = answer_json::string_at(answer, "msg");
    // Missing before Zulip 5.0.
    let code = answer_json::string_at(answer, "code");
    let reason = visible_text::reason(said);
    let reason = reason.unwrap_or_else(|| format!("status {}", response.status()));
    match (response.status(), code) {
        (429, _) | (_, "RATE_LIMIT_HIT") => {
            let wait = answer_json::wait_at(answer, "/retry-after");
            Verdict::Wait(wait.or_else(|| response.retry_after()).unwrap_or(BUSY))
        }
        (
            _,
            "STREAM_DOES_NOT_EXIST"
            | "UNAUTHORIZED"
            | "INVALID_API_KEY"
            | "USER_DEACTIVATED"
            | "REALM_DEACTIVATED"
            | "NONEXISTENT_SUBDOMAIN",
        )
        | (401 | 403 | 404, _) => Verdict::Gone(reason),
        (408 | 500.., _) => Verdict::Retry(reason),
        // A generic code, or none: only the text distinguishes the errors, which is requested in
        // English. In another language the message counts as refused.
        (_, "BAD_REQUEST" | "") => {
            if said.ends_with("does not exist") || said.starts_with("Not authorized to send") {
                Verdict::Gone(reason)
            } else if said.contains("new topics") {
                Verdict::Unroutable(reason)
            } else {
                Verdict::Refused(reason)
            }
        }
        _ => Verdict::Refused(reason),
    }
}
