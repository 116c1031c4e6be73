//! Microsoft Teams, by a webhook of Workflows.

use std::time::Duration;

use logout_macros::OptionDocs;
use serde::Deserialize;

use super::{layout, settings_check};
use crate::adapter::{Adapter, Check, Notice, Preview, Severity, Step, Verdict, Window};
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Response, Url};

mod answer;
mod card;
mod preview;

/// An adapter that posts to a channel or a chat of Microsoft Teams through a webhook of Workflows.
///
/// | option | what it is |
/// |---|---|
/// | `url` | the webhook's URL, from `TEAMS_WEBHOOK_URL`; required |
/// | `mention` | who is called from ERROR up: a user's sign-in name (`ann@example.org`) or object id |
///
/// Make the webhook in Teams: "Workflows" in the channel's menu, "Send webhook alerts to a channel". The
/// webhooks of Office 365 connectors (`….webhook.office.com`) are retired.
///
/// **An answer of 202 is no delivery.** It says that the flow was started. Whether the flow could post the
/// message is only in its run history in Power Automate. logout counts 202 as delivered, because Teams says
/// no more. Declare a second destination for alerts that must not be lost.
///
/// A message is an Adaptive Card of at most 20,000 bytes, counted as they are sent. Nothing in it makes a
/// sound or none: that is a setting of the channel. Workflows take no files.
///
/// [`guide::platforms`](crate::guide::platforms) says what the platform accepts, how fast, and what
/// its answers mean, with sources.
///
/// ```
/// use logout::{Adapter, Notice, Teams};
/// use logout::adapter::{Request, Response, Step, Verdict};
///
/// let mut teams: Teams = serde_json::from_str(
///     r#"{ "url": "https://prod-1.westeurope.logic.azure.com/workflows/0a/triggers/manual/paths/invoke?sig=x" }"#,
/// )?;
/// assert_eq!(teams.check(), Ok(()));
///
/// let mut request = Request::new();
/// teams.render(&Notice::new(tracing::Level::ERROR, "[refund](https://evil.example)"), Step::default(), &mut request);
/// let message: serde_json::Value = serde_json::from_slice(request.body())?;
/// let headline = &message["attachments"][0]["content"]["body"][0]["items"][0]["inlines"][0];
/// assert_eq!(headline["type"], "TextRun"); // which knows no Markdown
/// assert_eq!(headline["text"], "🔥 [refund](https://evil.example)");
///
/// // The flow was started.
/// assert_eq!(teams.judge(&Response::new(202)), Verdict::Delivered);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, OptionDocs)]
#[non_exhaustive]
pub struct Teams {
    /// The webhook's URL, `https://….logic.azure.com/workflows/…` or
    /// `https://….environment.api.powerplatform.com/powerautomate/…`, with `sig=…` at its end.
    pub url: SecretUrl,
    /// Whom to mention from ERROR up: the sign-in name of a user, such as `ann@example.org`, or the
    /// user's object id.
    #[serde(default)]
    pub mention: Option<String>,
}

#[diagnostic::do_not_recommend]
impl Adapter for Teams {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("TEAMS_WEBHOOK_URL", "url")];

    /// A share of the 20,000 bytes, of which a code point takes up to four.
    const ROOM: usize = 3_500;

    /// Allows one message a second per webhook. Teams throttles from four a second on (Microsoft,
    /// "Create incoming webhooks", "Rate limiting"), and throttling after the flow is not reported.
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let key = ("teams", self.url.expose().as_str());
        [Window::new(1, Duration::from_secs(1), key)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let mention = self.mention.as_deref().filter(|user| is_user(user));
        let mention = mention.filter(|_| layout::mentions(notice));
        request.post(self.url.expose());
        card::write(notice, step.form, mention, request);
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        answer::judge(response)
    }

    fn preview(&self, request: &Request) -> Preview {
        preview::read(request)
    }

    fn verify(&self, _: &[Response], _: &mut Request) -> Check {
        Check::Unasked(
            "Teams cannot say whether a workflow works: it accepts a message (202) before it posts it; send one \
            and look at the flow's run history"
                .to_owned(),
        )
    }

    fn mentions_from(&self) -> Option<Severity> {
        self.mention.is_some().then_some(layout::MENTIONS_FROM)
    }

    fn check(&self) -> Result<(), String> {
        let is_wrong = |user: &&str| !is_user(user);
        let mention = self.mention.as_deref().filter(is_wrong).map(|_| {
            "`mention` must be the sign-in name of a user, such as `ann@example.org`, or the user's object id"
                .to_owned()
        });
        settings_check::joined([wrong_address(self.url.expose()), mention])
    }

    fn note(&self) -> Option<String> {
        let url = self.url.expose();
        let note = match cloud(url.host()) {
            Some(Cloud::Public) => return None,
            Some(Cloud::Sovereign(whose)) => format!(
                "`url` belongs to Microsoft's cloud for {whose}; only a tenant of that cloud has webhooks there"
            ),
            None if url.is_loopback() => return None,
            None => "`url` is at none of Microsoft's clouds; is it a proxy, or a program that accepts messages of \
                Teams?"
                .to_owned(),
        };
        Some(note)
    }
}

/// The cloud that a host belongs to.
enum Cloud {
    Public,
    /// A state's cloud, by its name.
    Sovereign(&'static str),
}

/// The ends of the hosts of Logic Apps and Power Automate in each of Microsoft's clouds.
const CLOUDS: [(&str, Cloud); 8] = [
    (".logic.azure.com", Cloud::Public),
    (".api.powerplatform.com", Cloud::Public),
    (".azure.us", Cloud::Sovereign("the US government")),
    (".microsoft.us", Cloud::Sovereign("the US government")),
    (".appsplatform.us", Cloud::Sovereign("the US government")),
    (".azure.cn", Cloud::Sovereign("China")),
    (".powerautomate.cn", Cloud::Sovereign("China")),
    (".microsoftonline.cn", Cloud::Sovereign("China")),
];

fn cloud(host: &str) -> Option<&'static Cloud> {
    let found = CLOUDS.iter().find(|(end, _)| host.ends_with(end));
    found.map(|(_, cloud)| cloud)
}

/// Returns what is wrong with an address, if no message can be sent to it.
fn wrong_address(url: &Url) -> Option<String> {
    let host = url.host();
    let is_under = |domain: &str| settings_check::is_under(host, domain);
    let make_one = "make a webhook of Workflows in the channel's menu";
    if is_under("webhook.office.com")
        || is_under("outlook.office.com")
        || is_under("outlook.office365.com")
    {
        return Some(format!(
            "`url` is a webhook of an Office 365 connector, which Microsoft has retired; {make_one}"
        ));
    }
    if is_under("teams.microsoft.com") || is_under("teams.cloud.microsoft") {
        return Some(format!(
            "`url` is a page of Teams and no webhook; {make_one}"
        ));
    }
    if is_under("powerautomate.com") || is_under("flow.microsoft.com") {
        return Some(
            "`url` is a page of Power Automate; copy the URL that the flow's trigger shows"
                .to_owned(),
        );
    }
    if let Some(swapped) = settings_check::wrong_platform(url, "Teams") {
        return Some(swapped);
    }
    url.parameter("sig").is_none().then(|| {
        "`url` is incomplete: a webhook of Workflows has `sig=…` in its address; copy it again from the flow's trigger"
            .to_owned()
    })
}

/// Returns whether the text is a sign-in name or an object id, and nothing more.
fn is_user(text: &str) -> bool {
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || b"@.-_+'!#^~".contains(&b);
    let is_name = text.split_once('@').is_some_and(|(user, domain)| {
        !user.is_empty() && domain.contains('.') && !domain.contains('@')
    });
    let is_id = text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    (is_name || is_id) && text.len() <= 113 && text.bytes().all(is_sign)
}

#[cfg(test)]
mod tests {
    use super::is_user;

    #[test]
    fn only_a_user_is_mentioned() {
        for user in ["ann@example.org", "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"] {
            assert!(is_user(user), "{user}");
        }
        for text in [
            "ops",
            "channel",
            "ann@",
            "@example.org",
            "a b@example.org",
            "<at>a@b.c",
            "ann@example",
        ] {
            assert!(!is_user(text), "{text}");
        }
    }
}
