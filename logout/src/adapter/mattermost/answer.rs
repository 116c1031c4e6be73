//! The meaning of Mattermost's answers.

use serde_json::Value;

use crate::adapter::{Verdict, answer_json, visible_text};
use crate::transport::Response;

/// Judges by the body before the status: a webhook that was deleted answers 400, and one that is
/// disabled 501. Its own answers are `ok` and errors in JSON with an `id`; anything else is a
/// proxy's or a sign-in's.
pub(super) fn judge(response: &Response) -> Verdict {
    let answer = response.json::<Value>().unwrap_or_default();
    let id = answer_json::string_at(&answer, "id");
    if id.is_empty() {
        return match response.text().trim() {
            "ok" if response.is_success() => Verdict::Delivered,
            _ => Verdict::from_stranger(response),
        };
    }
    let reason = visible_text::reason(answer_json::string_at(&answer, "message"));
    let reason = reason.unwrap_or_else(|| visible_text::short_error_text(id));
    match (id, response.status()) {
        // The server's database failed.
        (_, 408 | 425 | 500 | 502..=510 | 512..=599) => Verdict::Retry(reason),
        (
            "web.incoming_webhook.invalid.app_error"
            | "web.incoming_webhook.disabled.app_error"
            | "web.incoming_webhook.channel.app_error"
            | "web.incoming_webhook.channel_locked.app_error"
            | "web.incoming_webhook.permissions.app_error"
            | "web.incoming_webhook.user.app_error"
            | "app.channel.get.existing.app_error",
            _,
        ) => Verdict::Gone(reason),
        (_, 429) => Verdict::from_stranger(response),
        (_, 401 | 403 | 404 | 410 | 501) => Verdict::Gone(reason),
        _ => Verdict::Refused(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::adapter::Verdict;
    use crate::adapter::verdict::tests::{answer, assert_strangers_are_away};

    fn judged(status: u16, body: &str) -> Verdict {
        judge(&answer(status, body))
    }

    fn error(id: &str) -> String {
        format!(r#"{{"id":"{id}","message":"why","detailed_error":"","status_code":400}}"#)
    }

    #[test]
    fn only_ok_is_a_delivery() {
        assert_eq!(judged(200, "ok"), Verdict::Delivered);
        for body in ["", "welcome", r#"{"status":"OK"}"#, "<html>ok</html>"] {
            assert!(matches!(judged(200, body), Verdict::Away(_)), "{body}");
        }
    }

    #[test]
    fn an_error_is_known_by_its_id() {
        let gone = error("web.incoming_webhook.invalid.app_error");
        assert_eq!(judged(400, &gone), Verdict::Gone("why".to_owned()));
        let text = error("web.incoming_webhook.text.app_error");
        assert_eq!(judged(400, &text), Verdict::Refused("why".to_owned()));
        let disabled = error("web.incoming_webhook.disabled.app_error");
        assert_eq!(judged(501, &disabled), Verdict::Gone("why".to_owned()));
        let database = error("web.incoming_webhook.channel.app_error");
        assert_eq!(judged(500, &database), Verdict::Retry("why".to_owned()));
        let long = error("api.context.404.app_error");
        assert_eq!(judged(404, &long), Verdict::Gone("why".to_owned()));
        assert_eq!(judged(413, &error("x")), Verdict::Refused("why".to_owned()));
    }

    #[test]
    fn a_stranger_is_never_the_platform_that_says_it_is_gone() {
        assert_strangers_are_away(judge);
    }
}
