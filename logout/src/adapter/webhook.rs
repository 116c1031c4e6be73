//! Your own webhook: the notice as JSON, signed as Standard Webhooks has it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use logout_macros::OptionDocs;
use serde::Deserialize;

use super::settings_check;
use crate::adapter::{Adapter, Check, Notice, Step, Verdict, Window};
use crate::transport::request::head::is_header_name;
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Response, Secret};

mod document;
#[cfg(feature = "hyper")]
mod signature;

/// An adapter that posts every notice as JSON to an address of your own: a relay, an automation, a
/// function.
///
/// | option | what it is |
/// |---|---|
/// | `url` | the address; required |
/// | `secret` | the key of the signature, `whsec_…`; two keys with a space between them sign both, while you change from one to the other |
/// | `headers` | more headers, each a secret: the variable `LOGOUT_WEBHOOK__HEADERS__X_API_KEY` sets `x-api-key` |
///
/// It is built with the feature `webhook`. The body is what the schema
/// [`webhook.schema.json`](https://github.com/logout-rs/logout/blob/main/logout/docs/webhook.schema.json)
/// says, at most 20,000 bytes. The headers are those of [Standard Webhooks] 1.0: `webhook-id` is the same for
/// every attempt, so that the receiver can leave out what it has seen; `webhook-timestamp` is that of
/// the attempt; `webhook-signature` is there if there is a `secret`. The receiver also learns when a problem
/// is over.
///
/// To sign, logout needs its feature `hyper`, which brings the cryptography. Without it a `secret` is an error
/// at start.
///
/// [`guide::platforms`](crate::guide::platforms) says what answers mean.
///
/// [Standard Webhooks]: https://www.standardwebhooks.com
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// use logout::{Adapter, Notice, Webhook};
/// use logout::adapter::{Request, Step};
///
/// let webhook: Webhook = serde_json::from_str(
///     r#"{ "url": "https://relay.example.org/x", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }"#,
/// )?;
/// assert_eq!(webhook.check(), Ok(()));
///
/// let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
/// notice.id = "6f2c1b0a9e8d7c6b".to_owned();
/// let mut request = Request::new();
/// webhook.render(&notice, Step::default(), &mut request);
/// let body: serde_json::Value = serde_json::from_slice(request.body())?;
/// assert_eq!((&body["type"], &body["data"]["headline"]), (&"logout.event".into(), &"payment failed".into()));
/// assert_eq!(request.header("webhook-id"), Some("msg_6f2c1b0a9e8d7c6b"));
/// assert!(request.header("webhook-signature").is_some_and(|signature| signature.starts_with("v1,")));
/// # }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct Webhook {
    /// The address to post to.
    pub url: SecretUrl,
    /// The key of the signature, `whsec_…` as Standard Webhooks has it, or two with a space between
    /// them.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// More headers, by their names. In a name `_` stands for `-`.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
}

#[diagnostic::do_not_recommend]
impl Adapter for Webhook {
    const ROOM: usize = 5_000;

    /// The receiver may keep an incident open until it learns that it is over.
    const INCIDENTS: bool = true;

    /// The receiver knows a repetition by `webhook-id` (Standard Webhooks, "Idempotency").
    const IDEMPOTENT: bool = true;

    /// Allows one request a second: the limit of a receiver is not known.
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let key = ("webhook", self.url.expose().as_str());
        [Window::new(1, Duration::from_secs(1), key)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let id = match notice.id.as_str() {
            "" => step.id,
            id => id,
        };
        let id = format!("msg_{id}");
        let body = match document::to_body(notice, step.form) {
            Ok(body) => body,
            Err(why) => return request.fail(format!("the notice is not JSON: {why}")),
        };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let timestamp = now.unwrap_or_default().as_secs().to_string();
        request
            .post(self.url.expose())
            .bytes("application/json", &body)
            .set_header("user-agent", crate::transport::request::USER_AGENT);
        for (name, value) in &self.headers {
            request.set_header(&header_name(name), value.expose());
        }
        request
            .set_header("webhook-id", &id)
            .set_header("webhook-timestamp", &timestamp);
        #[cfg(feature = "hyper")]
        if let Some(secret) = &self.secret {
            let signatures = signature::signatures(secret, &id, &timestamp, &body);
            request.set_header("webhook-signature", &signatures);
        }
    }

    /// Judges by Standard Webhooks, "Response handling": 2xx is a success, 410 ends it for good,
    /// and a redirect is a failure.
    fn judge(&mut self, response: &Response) -> Verdict {
        match (response.status(), Verdict::from_status(response)) {
            (410, Verdict::Away(why)) if !super::web_page::is_web_page(response) => {
                Verdict::GoneForGood(why)
            }
            (_, verdict) => verdict,
        }
    }

    fn verify(&self, _: &[Response], _: &mut Request) -> Check {
        Check::Unasked(
            "a webhook has no way to say whether it works; only a message would show it".to_owned(),
        )
    }

    fn check(&self) -> Result<(), String> {
        // A workflow of Azure may accept our document.
        let url = settings_check::platform_of(self.url.expose())
            .filter(|(platform, _)| *platform != "Teams");
        let url = url.and_then(|_| settings_check::wrong_platform(self.url.expose(), "Webhook"));
        settings_check::joined([url, self.wrong_secret(), self.wrong_header()])
    }
}

/// Headers that logout or HTTP itself sets.
const RESERVED: [&str; 8] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

impl Webhook {
    #[cfg(feature = "hyper")]
    fn wrong_secret(&self) -> Option<String> {
        let secret = self.secret.as_ref()?;
        (!signature::is_key(secret)).then(|| {
            "`secret` is not a key of Standard Webhooks: `whsec_` and 24 to 64 bytes in Base64, or two \
            of these with a space between them"
                .to_owned()
        })
    }

    /// Refuses a secret: without TLS there is no cryptography in the program, and a message must
    /// not go unsigned.
    #[cfg(not(feature = "hyper"))]
    fn wrong_secret(&self) -> Option<String> {
        self.secret.as_ref().map(|_| {
            "`secret` needs logout's feature `hyper`, which brings what signs: turn it on, or remove \
            `secret`"
                .to_owned()
        })
    }

    fn wrong_header(&self) -> Option<String> {
        self.headers.iter().find_map(|(name, value)| {
            let shown = header_name(name);
            if !is_header_name(&shown) {
                return Some("`headers` has a name that no header can have".to_owned());
            }
            if RESERVED.contains(&shown.as_str()) {
                return Some(format!(
                    "`headers` cannot set {shown}, which logout sets itself"
                ));
            }
            let is_text = HeaderValue::from_str(value.expose()).is_ok();
            (!is_text).then(|| {
                format!(
                    "`headers` has a value for {shown} with a character that no header can have"
                )
            })
        })
    }
}

/// Returns the name of a header, with `-` for `_`, since variables have no `-`.
fn header_name(name: &str) -> String {
    name.replace('_', "-").to_ascii_lowercase()
}

#[cfg(all(test, not(feature = "hyper")))]
mod tests {
    use super::Webhook;
    use crate::adapter::Adapter as _;

    #[test]
    fn what_is_to_be_signed_is_refused_where_nothing_can_sign() {
        let of = |more: &str| -> Webhook {
            let url = "https://relay.example.org/x";
            serde_json::from_str(&format!(r#"{{ "url": "{url}"{more} }}"#)).unwrap()
        };
        assert_eq!(of("").check(), Ok(()));
        let secret = r#", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw""#;
        let why = of(secret).check().unwrap_err();
        assert!(
            why.contains("feature `hyper`") && !why.contains("MfKQ"),
            "{why}"
        );
    }
}
