//! The platform that an address belongs to, where it was set for another one.

use crate::transport::Url;

/// The hosts of platforms, by their ends, and what an address there is.
const HOSTS: [(&str, &str); 16] = [
    ("hooks.slack.com", "an incoming webhook of Slack"),
    ("hooks.slack-gov.com", "an incoming webhook of Slack"),
    ("slack.com", "an address of Slack"),
    ("slack-gov.com", "an address of Slack"),
    ("discord.com", "an address of Discord"),
    ("discordapp.com", "an address of Discord"),
    ("api.telegram.org", "Telegram's Bot API"),
    ("t.me", "an address of Telegram"),
    ("zulipchat.com", "an address of Zulip"),
    ("chat.googleapis.com", "a webhook of Google Chat"),
    ("chat.google.com", "a page of Google Chat"),
    ("logic.azure.com", "a webhook of Microsoft Teams"),
    ("api.powerplatform.com", "a webhook of Microsoft Teams"),
    ("webhook.office.com", "a retired webhook of Microsoft Teams"),
    ("pagerduty.com", "an address of PagerDuty"),
    ("ntfy.sh", "a topic of ntfy"),
];

/// Returns what an address is, where its host is one of a platform's own. A server that somebody hosts
/// tells nothing by its name.
pub(super) fn of(url: &Url) -> Option<&'static str> {
    let is_under = |domain: &str| {
        let rest = url.host().strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let found = HOSTS.iter().find(|(domain, _)| is_under(domain));
    found.map(|(_, what)| *what)
}
