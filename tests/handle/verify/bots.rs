//! The questions of Slack's bot and of PagerDuty, and findings where there is no question to ask.

use figment::Figment;
use logout::adapter::{Finding, Outcome};
use logout::logout;
use logout::sandbox::{Platform, Sandbox, Trouble};
use tracing_subscriber::Registry;

use super::assert_wrong;
use crate::support::TIMEOUT;

logout! {
    struct Bots {
        adapters: [logout::SlackBot, logout::Teams, logout::GoogleChat, logout::PagerDuty],
    }
}

fn findings(sandbox: &Sandbox, over: Figment) -> Vec<Finding> {
    let figment = sandbox.figment().merge(over);
    let started = Bots::from_figment(figment).unwrap().start::<Registry>();
    let (_, guard) = started.unwrap();
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    assert!(sandbox.inbox().is_empty(), "nothing may be posted");
    for finding in &findings {
        assert!(!finding.to_string().contains("Sandb0x"), "{finding}");
    }
    findings
}

#[test]
fn who_can_be_asked_is_asked_and_the_others_say_why_not() {
    let sandbox = Sandbox::start().unwrap();
    let findings = findings(&sandbox, Figment::new());
    let found = findings.iter().map(|one| (one.instance(), one.outcome()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [
            ("slack_bot", Outcome::Fine),
            ("teams", Outcome::Unasked),
            ("google_chat", Outcome::Unasked),
            ("pager_duty", Outcome::Fine),
        ]
    );
    assert!(
        findings[0]
            .text()
            .starts_with("@logout of “Sandbox” may write"),
        "{}",
        findings[0]
    );
    assert!(
        findings[1]
            .text()
            .contains("accepts a message (202) before it posts it")
    );
    assert!(
        findings[3]
            .text()
            .starts_with("PagerDuty accepts events with this key")
    );
}

#[test]
fn what_was_revoked_is_told_with_its_variable() {
    let sandbox = Sandbox::start().unwrap();
    for platform in [Platform::SlackBot, Platform::PagerDuty] {
        sandbox.trouble(platform, Trouble::gone());
    }
    let findings = findings(&sandbox, Figment::new());
    assert_wrong(
        &findings[0],
        &["the token was revoked", "`slack_bot.token`"],
    );
    assert_wrong(
        &findings[3],
        &["PagerDuty refuses the key", "`pager_duty.routing_key`"],
    );
}

#[test]
fn a_wrong_token_is_told_with_its_variable() {
    let sandbox = Sandbox::start().unwrap();
    let over = Figment::from(("slack_bot.token", "xoxb-1-2-unknown"));
    let findings = findings(&sandbox, over);
    assert_wrong(
        &findings[0],
        &["does not know the token", "`slack_bot.token`"],
    );
}

logout! {
    struct Others {
        adapters: [logout::Mattermost, logout::Ntfy, logout::Webhook],
    }
}

/// Returns the findings for the three others, with `over` merged over the sandbox's settings.
fn findings_of_others(sandbox: &Sandbox, over: Figment) -> Vec<Finding> {
    let figment = sandbox.figment().merge(over);
    let started = Others::from_figment(figment).unwrap().start::<Registry>();
    let (_, guard) = started.unwrap();
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    assert!(sandbox.inbox().is_empty(), "nothing may be posted");
    findings
}

#[test]
fn ntfy_knows_whose_a_token_is_and_the_others_cannot_be_asked() {
    let sandbox = Sandbox::start().unwrap();
    let findings = findings_of_others(&sandbox, Figment::new());
    let outcomes = findings.iter().map(Finding::outcome);
    assert_eq!(
        outcomes.collect::<Vec<_>>(),
        [Outcome::Unasked, Outcome::Fine, Outcome::Unasked]
    );
    let text = findings[1].text();
    assert!(text.starts_with("the token is that of alarms"), "{text}");

    let wrong = Figment::from(("ntfy.token", "tk_0123456789abcdef0123456789abc"));
    let findings = findings_of_others(&sandbox, wrong);
    assert_wrong(&findings[1], &["does not accept the token", "`ntfy.token`"]);

    sandbox.trouble(
        Platform::Ntfy,
        Trouble::answer(logout::sandbox::Answer::new(200).body("<html>")),
    );
    let findings = findings_of_others(&sandbox, Figment::new());
    assert_wrong(
        &findings[1],
        &["something other than ntfy answers there", "`ntfy.url`"],
    );
}
