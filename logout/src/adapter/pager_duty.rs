//! PagerDuty, by its Events API v2.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;

use super::settings_check;
use crate::adapter::{Adapter, Check, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::url::Url;
use crate::transport::{Request, Response, Secret};

mod answer;
mod event;
mod preview;
mod verify;

/// The length of an integration key (PagerDuty, "Send an Alert Event", `routing_key`).
const ROUTING_KEY: usize = 32;

/// An adapter that opens, updates and resolves incidents of a PagerDuty service, through an
/// integration of the Events API v2.
///
/// | option | what it is |
/// |---|---|
/// | `routing_key` | the integration key, from `PAGERDUTY_ROUTING_KEY`; required |
/// | `url` | the server: `https://events.pagerduty.com`, or `https://events.eu.pagerduty.com` for an account of the EU's service region |
///
/// A problem is an alert: its first message triggers it, a reminder adds to it without ringing anybody anew, and
/// once the problem has been quiet for as long as [`quiet`](crate::guide::settings#quiet) says, it is resolved.
/// That is always sent, whatever `quiet_notice` says, or the incident would stay open for ever. Only with `remind: off`,
/// and for events below [`remind_from`](crate::guide::settings#remind_from), there are no problems and so no ends: resolve
/// those incidents by hand. What is sent
/// twice for lack of an answer is one alert all the same, so no message says "possible repeat".
///
/// The alert's key is project, environment and fingerprint, without the host: twenty replicas with one problem
/// ring once. It is therefore resolved by the first replica that is quiet, and triggered anew by the next
/// reminder of another.
///
/// logout's own reports are change events, which notify nobody. An integration key of a ruleset (it begins with
/// `R`) takes none; there they are alerts of severity `info`.
///
/// Limit it to what shall wake somebody: `PagerDuty { level: ERROR }`.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Notice, PagerDuty};
/// use logout::adapter::{ProblemState, Request, Step};
///
/// let pager: PagerDuty = serde_json::from_str(r#"{ "routing_key": "0123456789abcdef0123456789abcdef" }"#)?;
/// assert_eq!(pager.check(), Ok(()));
///
/// let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
/// notice.project = "shop".to_owned();
/// notice.environment = "production".to_owned();
/// notice.fingerprint = "3fa9c1".to_owned();
///
/// let mut request = Request::new();
/// pager.render(&notice, Step::default(), &mut request);
/// assert_eq!(request.url().as_str(), "https://events.pagerduty.com/v2/enqueue");
/// let event: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(event["event_action"], "trigger");
/// assert_eq!(event["dedup_key"], "shop/production/3fa9c1");
/// assert_eq!(event["payload"]["severity"], "error");
///
/// notice.state = ProblemState::Quiet;
/// request.clear();
/// pager.render(&notice, Step::default(), &mut request);
/// let event: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!(event["event_action"], "resolve");
/// assert_eq!(event["dedup_key"], "shop/production/3fa9c1");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct PagerDuty {
    /// The integration key of a service, 32 characters: "Integrations" of the service, "Events API V2".
    pub routing_key: Secret,
    /// The server. An account of the EU's service region has `https://events.eu.pagerduty.com`.
    #[serde(default = "official")]
    pub url: Url,
}

fn official() -> Url {
    Url::parse("https://events.pagerduty.com").unwrap_or_default()
}

impl Default for PagerDuty {
    fn default() -> Self {
        Self {
            routing_key: Secret::default(),
            url: official(),
        }
    }
}

#[diagnostic::do_not_recommend]
impl Adapter for PagerDuty {
    const VARIABLES: &'static [(&'static str, &'static str)] =
        &[("PAGERDUTY_ROUTING_KEY", "routing_key")];

    /// Each problem is an alert of its own.
    const DIGEST: bool = false;

    const INCIDENTS: bool = true;

    /// By `dedup_key`.
    const IDEMPOTENT: bool = true;

    /// Allows one event a second per key. The documentation says approximately 120 a minute, less
    /// if an account is busy (PagerDuty, "Events API Rate Limits").
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let key = ("pagerduty", self.routing_key.expose());
        [Window::new(1, Duration::from_secs(1), key)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let key = self.routing_key.expose();
        let is_change = notice.severity == Severity::Report && !key.starts_with('R');
        if is_change {
            request.post(&self.url.join("v2/change/enqueue"));
            request.write_json(|json| event::change(notice, step.form, key, json));
        } else {
            request.post(&self.url.join("v2/enqueue"));
            request.write_json(|json| event::alert(notice, step.form, key, json));
        }
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        answer::judge(response)
    }

    fn preview(&self, request: &Request) -> Preview {
        preview::read(request)
    }

    fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
        verify::verify(self, answers, request)
    }

    fn check(&self) -> Result<(), String> {
        settings_check::joined([
            wrong_address(&self.url),
            wrong_key(self.routing_key.expose()),
        ])
    }
}

/// Returns what is wrong with an integration key.
fn wrong_key(key: &str) -> Option<String> {
    let is_word = key.bytes().all(|b| b.is_ascii_alphanumeric());
    let problem = match key.len() {
        ROUTING_KEY if is_word => return None,
        20 => "`routing_key` has 20 characters, as a key of PagerDuty's REST API has",
        _ if key.contains("://") => "`routing_key` is an address",
        _ => "`routing_key` is no integration key, which has 32 letters and digits",
    };
    Some(format!(
        "{problem}; copy the integration key of the service's integration \"Events API V2\""
    ))
}

/// Returns what is wrong with an address, if no event can be sent to it.
fn wrong_address(url: &Url) -> Option<String> {
    if let Some(swapped) = settings_check::wrong_platform(url, "PagerDuty") {
        return Some(swapped);
    }
    let host = url.host();
    let is_pager_duty = settings_check::is_under(host, "pagerduty.com");
    let has_path = settings_check::segments(url).next().is_some();
    let wrong = if is_pager_duty && !host.starts_with("events.") {
        "`url` is PagerDuty's REST API or a page"
    } else if has_path || url.path_and_query().contains('?') {
        "`url` is the server's address alone, without a path"
    } else {
        return None;
    };
    Some(format!("{wrong}; {SERVERS}"))
}

/// The valid values of `url`, for an error.
const SERVERS: &str = "events go to `https://events.pagerduty.com` or, in the EU's service region, to `https://events.eu.pagerduty.com`";

#[cfg(test)]
mod tests {
    use super::wrong_key;

    #[test]
    fn only_32_letters_and_digits_are_a_key() {
        assert_eq!(wrong_key("0123456789abcdef0123456789abcdef"), None);
        assert_eq!(wrong_key("R123456789ABCDEF0123456789ABCDEF"), None);
        for (key, said) in [
            ("y_NbAkKc66ryYTWUXYEu", "REST API"),
            ("https://events.pagerduty.com/x", "address"),
            ("0123456789abcdef", "32 letters"),
            ("0123456789abcdef0123456789abcde-", "32 letters"),
            ("", "32 letters"),
        ] {
            assert!(
                wrong_key(key).is_some_and(|why| why.contains(said)),
                "{key}"
            );
        }
    }
}
