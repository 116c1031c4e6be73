//! Checks of several settings of an adapter, with an error line each.

/// Joins the errors, as [`Adapter::check`](crate::Adapter::check) returns them.
pub(crate) fn joined(found: impl IntoIterator<Item = Option<String>>) -> Result<(), String> {
    let lines: Vec<_> = found.into_iter().flatten().collect();
    match lines.is_empty() {
        true => Ok(()),
        false => Err(lines.join("\n")),
    }
}

/// The adapters that hosts belong to, by the ends of the hosts, with a description of such an
/// address. `azure` and `powerplatform` occur in hosts whose ends differ between the clouds of
/// governments.
///
/// `azure` and `powerplatform` stand in hosts whose ends differ between the clouds of governments.
#[rustfmt::skip]
const HOSTS: [(&str, &str, &str); 15] = [
    ("hooks.slack.com", "Slack", "a Slack webhook"),
    ("hooks.slack-gov.com", "Slack", "a Slack webhook"),
    ("slack.com", "Slack", "an address of Slack"),
    ("slack-gov.com", "Slack", "an address of Slack"),
    ("discord.com", "Discord", "an address of Discord"),
    ("discordapp.com", "Discord", "an address of Discord"),
    ("api.telegram.org", "Telegram", "the Telegram Bot API"),
    ("zulipchat.com", "Zulip", "an address of Zulip"),
    ("webhook.office.com", "Teams", "a retired connector of Microsoft Teams"),
    ("outlook.office.com", "Teams", "a retired connector of Microsoft Teams"),
    ("chat.googleapis.com", "GoogleChat", "a Google Chat webhook"),
    ("chat.google.com", "GoogleChat", "a page of Google Chat"),
    ("pagerduty.com", "PagerDuty", "an address of PagerDuty"),
    ("ntfy.sh", "Ntfy", "a topic of ntfy.sh"),
    ("cloud.mattermost.com", "Mattermost", "an address of Mattermost"),
];

/// Returns the adapter that an address belongs to, and a description of such addresses, judged by
/// the host. A proxy's path may be anything.
pub(crate) fn platform_of(url: &crate::transport::Url) -> Option<(&'static str, &'static str)> {
    let host = url.host().to_ascii_lowercase();
    let is_workflow = [
        "logic.azure.",
        "api.powerplatform.",
        "api.gov.powerplatform.",
    ];
    if is_workflow.iter().any(|part| host.contains(part)) {
        return Some(("Teams", "a workflow of Microsoft Teams"));
    }
    let found = HOSTS.iter().find(|(domain, ..)| is_under(&host, domain));
    found.map(|(_, adapter, what)| (*adapter, *what))
}

/// Returns whether a host is this domain, or below it.
pub(crate) fn is_under(host: &str, domain: &str) -> bool {
    let rest = host.strip_suffix(domain);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Returns the error for a `url` that belongs to another adapter than the one that has it.
pub(crate) fn wrong_platform(url: &crate::transport::Url, adapter: &str) -> Option<String> {
    let (platform, what) = platform_of(url).filter(|(platform, _)| *platform != adapter)?;
    Some(format!(
        "`url` looks like {what}, which is not for `{adapter}`; give it to an instance of `{platform}`"
    ))
}

/// Returns the segments of an address's path.
pub(crate) fn segments(url: &crate::transport::Url) -> impl Iterator<Item = &str> {
    let path = url.path_and_query().split(['?', '#']).next();
    path.unwrap_or_default()
        .split('/')
        .filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{platform_of, wrong_platform};
    use crate::transport::Url;

    #[test]
    fn an_address_of_another_adapter_is_told_by_its_host() {
        for (url, adapter) in [
            ("https://hooks.slack.com/services/T/B/s3cret", Some("Slack")),
            (
                "https://hooks.slack-gov.com/services/T/B/s3cret",
                Some("Slack"),
            ),
            (
                "https://ptb.discord.com/api/webhooks/1/s3cret",
                Some("Discord"),
            ),
            ("https://api.telegram.org/bot1:s3cret", Some("Telegram")),
            ("https://acme.zulipchat.com", Some("Zulip")),
            (
                "https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=s3cret",
                Some("Teams"),
            ),
            (
                "https://prod-1.usgovtexas.logic.azure.us/workflows/x?sig=s3cret",
                Some("Teams"),
            ),
            (
                "https://a.12.environment.api.powerplatform.com/workflows/x",
                Some("Teams"),
            ),
            (
                "https://acme.webhook.office.com/webhookb2/s3cret",
                Some("Teams"),
            ),
            (
                "https://chat.googleapis.com/v1/spaces/x/messages?key=s3cret",
                Some("GoogleChat"),
            ),
            (
                "https://events.eu.pagerduty.com/v2/enqueue",
                Some("PagerDuty"),
            ),
            ("https://ntfy.sh/s3cret", Some("Ntfy")),
            ("https://notslack.com/x", None),
            ("https://chat.example.org/hooks/s3cret", None),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(
                platform_of(&url).map(|(platform, _)| platform),
                adapter,
                "{}",
                url.as_str()
            );
            assert_eq!(wrong_platform(&url, adapter.unwrap_or("Mattermost")), None);
            let told = wrong_platform(&url, "Matrix");
            assert_eq!(told.is_some(), adapter.is_some());
            assert!(
                told.is_none_or(|told| !told.contains("s3cret") && told.contains(adapter.unwrap()))
            );
        }
    }
}
