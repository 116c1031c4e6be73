//! The verification of a key without an alarm: by resolving an alert that was never triggered,
//! which is dropped (PagerDuty, "Send an Alert Event", "Alert De-Duplication").

use serde_json::{Value, json};

use super::{PagerDuty, answer};
use crate::adapter::Check;
use crate::adapter::answer_json::string_at;
use crate::transport::{Request, Response};

/// The key of an alert that is never triggered.
const NO_ALERT: &str = "logout/verify";

pub(super) fn verify(pager: &PagerDuty, answers: &[Response], request: &mut Request) -> Check {
    let [response, ..] = answers else {
        request.post(&pager.url.join("v2/enqueue")).json(&json!({
            "routing_key": pager.routing_key.expose(),
            "event_action": "resolve",
            "dedup_key": NO_ALERT,
        }));
        return Check::Ask;
    };
    let told = response.json::<Value>().unwrap_or_default();
    match string_at(&told, "status") {
        "success" if response.is_success() => Check::Fine(
            "PagerDuty accepts events with this key; whether a service has it, it does not say"
                .to_owned(),
        ),
        "" => match Check::from_status(response, &["url"]) {
            Check::Fine(_) => Check::from_stranger(response, "PagerDuty"),
            check => check,
        },
        _ if answer::is_about_the_key(&told) => Check::wrong(
            &["routing_key"],
            format!("PagerDuty refuses the key: {}", answer::reason(&told)),
        ),
        _ => match Check::from_status(response, &["routing_key"]) {
            Check::Wrong { keys, why } => {
                Check::wrong(keys, format!("{why}: {}", answer::reason(&told)))
            }
            check => check,
        },
    }
}
