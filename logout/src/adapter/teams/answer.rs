//! The meaning of the answers of a flow's trigger.

use serde_json::Value;

use crate::adapter::{Verdict, answer_json, visible_text};
use crate::transport::Response;

/// Judges by the error code before the status; a started flow counts as a delivery.
pub(super) fn judge(response: &Response) -> Verdict {
    let answer = response.json::<Value>();
    let error = answer.as_ref().and_then(|answer| answer.get("error"));
    let code = error.map_or("", |error| answer_json::string_at(error, "code"));
    if let Some(error) = error.filter(|_| !code.is_empty()) {
        return judge_error(response, code, answer_json::string_at(error, "message"));
    }
    if !response.is_success() {
        return Verdict::from_stranger(response);
    }
    let text = response.text();
    // A relay of an old connector writes the status that it means into a success (msteams-docs issues
    // 1810 and 4145), and `1` where the message was posted. In JSON it may be a text of the card.
    let said = text.split_once("returned HTTP error ");
    if let Some((_, said)) = said.filter(|_| answer.is_none()) {
        let status = said.get(..3).and_then(|status| status.parse().ok());
        return match status.map(Response::new) {
            Some(inner) if !inner.is_success() => Verdict::from_status(&inner),
            _ => Verdict::Refused("it answers that it failed".to_owned()),
        };
    }
    match text.trim() {
        "" | "1" => Verdict::Delivered,
        // A flow may send an answer of its own, in whatever words its author wrote.
        _ if error.is_none() && answer.as_ref().is_some_and(Value::is_object) => Verdict::Delivered,
        _ => Verdict::from_stranger(response),
    }
}

/// Returns the meaning of an error of the trigger. Microsoft documents no list of the codes; these
/// were seen.
fn judge_error(response: &Response, code: &str, message: &str) -> Verdict {
    let reason = match message {
        "" => visible_text::short_error_text(code),
        message => visible_text::short_error_text(&format!("{code}: {message}")),
    };
    match code {
        // A wrong or withdrawn signature, a deleted flow, one that is switched off.
        "DirectApiAuthorizationRequired"
        | "SecurityTokenInvalid"
        | "WorkflowNotFound"
        | "WorkflowTriggerIsNotEnabled" => return Verdict::Gone(reason),
        "TriggerInputSchemaMismatch" => return Verdict::Refused(reason),
        "OperationTimedOut" => return Verdict::Retry(reason),
        _ => {}
    }
    match response.status() {
        401 | 403 | 404 | 410 => Verdict::Gone(reason),
        408 | 425 | 500..=599 => Verdict::Retry(reason),
        429 => Verdict::from_status(response),
        _ => Verdict::Refused(reason),
    }
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

    fn error(code: &str) -> String {
        format!(r#"{{"error":{{"code":"{code}","message":"why"}}}}"#)
    }

    #[test]
    fn what_started_the_flow_is_a_delivery() {
        for (status, body) in [
            (202, ""),
            (200, ""),
            (200, "1"),
            (200, r#"{"posted":true}"#),
            (200, r#"{"text":"the host returned HTTP error 404"}"#),
            (202, "{}"),
        ] {
            assert_eq!(judged(status, body), Verdict::Delivered, "{status} {body}");
        }
        for body in [
            "ok",
            "<html><title>Sign in</title>",
            "[]",
            "null",
            r#"{"error":"sign in"}"#,
        ] {
            assert!(matches!(judged(200, body), Verdict::Away(_)), "{body}");
        }
    }

    #[test]
    fn a_code_means_what_it_means_under_every_status() {
        for status in [200, 202, 400, 401, 404, 500] {
            for code in [
                "DirectApiAuthorizationRequired",
                "SecurityTokenInvalid",
                "WorkflowNotFound",
                "WorkflowTriggerIsNotEnabled",
            ] {
                assert_eq!(
                    judged(status, &error(code)),
                    Verdict::Gone(format!("{code}: why"))
                );
            }
            assert!(matches!(
                judged(status, &error("TriggerInputSchemaMismatch")),
                Verdict::Refused(_)
            ));
            assert!(matches!(
                judged(status, &error("OperationTimedOut")),
                Verdict::Retry(_)
            ));
        }
    }

    #[test]
    fn an_unknown_code_means_what_its_status_means() {
        assert!(matches!(judged(403, &error("Odd")), Verdict::Gone(_)));
        assert!(matches!(judged(413, &error("Odd")), Verdict::Refused(_)));
        assert!(matches!(judged(502, &error("Odd")), Verdict::Retry(_)));
        let mut busy = Response::new(429);
        busy.append_header("retry-after", "7");
        busy.set_body(error("TooManyRequests"));
        assert_eq!(judge(&busy), Verdict::Wait(Duration::from_secs(7)));
        assert!(matches!(judged(200, &error("Odd")), Verdict::Refused(_)));
    }

    #[test]
    fn the_status_that_an_old_connector_meant_is_read() {
        let said = |status| {
            format!(
                "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error {status} with ContextId x"
            )
        };
        assert!(matches!(judged(200, &said(429)), Verdict::Wait(_)));
        assert!(matches!(judged(200, &said(413)), Verdict::Refused(_)));
        assert!(matches!(judged(200, &said(502)), Verdict::Retry(_)));
        assert!(matches!(
            judged(200, "returned HTTP error "),
            Verdict::Refused(_)
        ));
    }

    #[test]
    fn a_stranger_is_never_teams_that_says_it_is_gone() {
        assert_strangers_are_away(judge);
    }
}
