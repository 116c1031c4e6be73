//! The platforms as the sandbox knows them: what they refuse, cut, mention and link.

use logout::adapter::{Request, Response, Step, Verdict};
use logout::sandbox::{Details, Message, Sandbox};
use logout::transport::{Transport, Wire};
use logout::{
    Adapter, Discord, GoogleChat, Mattermost, Notice, Ntfy, PagerDuty, Slack, SlackBot, Teams,
    Telegram, Webhook, Zulip,
};
use serde::de::DeserializeOwned;

use super::rendered_request::rendered;

/// A sandbox, and the adapters that post to it.
pub(crate) struct Chats {
    sandbox: Sandbox,
    wire: Wire,
    slack: Slack,
    discord: Discord,
    telegram: Telegram,
    zulip: Zulip,
    slack_bot: SlackBot,
    teams: Teams,
    google_chat: GoogleChat,
    pager_duty: PagerDuty,
    mattermost: Mattermost,
    ntfy: Ntfy,
    webhook: Webhook,
    /// How many requests were sent.
    pub(crate) requests: u64,
}

impl Chats {
    pub(crate) fn open() -> Self {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_rate_limits(false);
        let figment = sandbox.figment().merge(("zulip.stream", "alerts"));
        Self {
            slack: settings(&figment, "slack"),
            discord: settings(&figment, "discord"),
            telegram: settings(&figment, "telegram"),
            zulip: settings(&figment, "zulip"),
            slack_bot: settings(&figment, "slack_bot"),
            teams: settings(&figment, "teams"),
            google_chat: settings(&figment, "google_chat"),
            pager_duty: settings(&figment, "pager_duty"),
            mattermost: settings(&figment, "mattermost"),
            ntfy: settings(&figment, "ntfy"),
            webhook: settings(&figment, "webhook"),
            sandbox,
            wire: Wire::new(),
            requests: 0,
        }
    }

    /// Posts the notice to all of them, in its rich or its plain form, and tells what is wrong with
    /// what arrived. `seen` is shown every request.
    pub(crate) fn findings(
        &mut self,
        notice: &Notice,
        form: Step<'_>,
        mut seen: impl FnMut(&str, &Request),
    ) -> Vec<String> {
        let mut findings = Vec::new();
        let mut posted = 0;
        let (slack, discord) = (self.slack.clone(), self.discord.clone());
        let (telegram, zulip) = (self.telegram.clone(), self.zulip.clone());
        posted += self.post("slack", slack, notice, form, &mut findings, &mut seen);
        posted += self.post("discord", discord, notice, form, &mut findings, &mut seen);
        posted += self.post("telegram", telegram, notice, form, &mut findings, &mut seen);
        posted += self.post("zulip", zulip, notice, form, &mut findings, &mut seen);
        let (bot, teams) = (self.slack_bot.clone(), self.teams.clone());
        let (google, pager) = (self.google_chat.clone(), self.pager_duty.clone());
        posted += self.post("slack_bot", bot, notice, form, &mut findings, &mut seen);
        posted += self.post("teams", teams, notice, form, &mut findings, &mut seen);
        posted += self.post(
            "google_chat",
            google,
            notice,
            form,
            &mut findings,
            &mut seen,
        );
        posted += self.post("pager_duty", pager, notice, form, &mut findings, &mut seen);
        let (mattermost, ntfy) = (self.mattermost.clone(), self.ntfy.clone());
        posted += self.post(
            "mattermost",
            mattermost,
            notice,
            form,
            &mut findings,
            &mut seen,
        );
        posted += self.post("ntfy", ntfy, notice, form, &mut findings, &mut seen);
        // The receiver leaves out what it has seen.
        let mut notice = notice.clone();
        notice.id = format!("{:016x}", self.requests);
        let webhook = self.webhook.clone();
        posted += self.post("webhook", webhook, &notice, form, &mut findings, &mut seen);
        let inbox = self.sandbox.inbox();
        if inbox.len() != posted {
            findings.push(format!("{} of {posted} messages arrived", inbox.len()));
        }
        for message in &inbox {
            judge(message, &mut findings);
        }
        for exchange in self.sandbox.requests() {
            findings.extend(exchange.refusal().map(str::to_owned));
        }
        self.sandbox.clear();
        findings
    }

    /// Sends all parts of a notice; returns how many of them are messages.
    fn post<A: Adapter>(
        &mut self,
        name: &str,
        mut adapter: A,
        notice: &Notice,
        form: Step<'_>,
        findings: &mut Vec<String>,
        seen: &mut impl FnMut(&str, &Request),
    ) -> usize {
        let mut messages = 0;
        let mut answers: Vec<Response> = Vec::new();
        loop {
            let mut step = form;
            step.part = answers.len();
            step.answers = &answers;
            let request = rendered(&adapter, notice, step);
            seen(name, &request);
            self.requests += 1;
            let answer = smol::block_on(self.wire.send(&request)).unwrap();
            let verdict = adapter.judge(&answer);
            if verdict != Verdict::Delivered {
                findings.push(format!("{name}: {verdict:?}"));
            }
            // What goes before a file is none.
            let url = request.url().as_str();
            let is_message = !["/user_uploads", "URLExternal", "/upload/v1/"]
                .iter()
                .any(|part| url.contains(part));
            messages += usize::from(is_message);
            if !request.is_followed() {
                return messages;
            }
            answers.push(answer);
        }
    }
}

fn settings<A: DeserializeOwned>(figment: &figment::Figment, name: &str) -> A {
    figment.extract_inner(name).unwrap()
}

/// Reports what no message may be or hold, whatever is logged.
fn judge(message: &Message, findings: &mut Vec<String>) {
    let mut find = |what: String| findings.push(format!("{}: {what}", message.platform()));
    if message.is_truncated() {
        find("cut without a word".to_owned());
    }
    if !message.mentions().is_empty() {
        find(format!("mentions {:?}", message.mentions()));
    }
    // What was uploaded is linked by us.
    let links = message.links().iter();
    let links: Vec<_> = links
        .filter(|link| !link.starts_with("/user_uploads/"))
        .collect();
    if !links.is_empty() {
        find(format!("links {links:?}"));
    }
    if let Details::Telegram(telegram) = message.details()
        && telegram.dropped_entities > 0
    {
        find(format!("dropped {} entities", telegram.dropped_entities));
    }
    let hidden = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if message.text().contains(hidden) {
        find("a hidden character".to_owned());
    }
}
