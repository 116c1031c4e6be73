//! Verification of credentials, which asks each platform without posting.

use std::time::{Duration, Instant};

use figment::Figment;
use logout::adapter::{Finding, Outcome};
use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::{Guard, logout};
use tracing_subscriber::Registry;
use tracing_subscriber::prelude::*;

use crate::support::TIMEOUT;
use crate::support::machine_lateness::LatenessMonitor;

mod bots;
mod own;
mod questions;

logout! {
    struct Alerts {
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

const FOUR: [Platform; 4] = [
    Platform::Slack,
    Platform::Discord,
    Platform::Telegram,
    Platform::Zulip,
];

fn started(figment: Figment) -> Guard<Alerts> {
    let started = Alerts::from_figment(figment).unwrap().start::<Registry>();
    started.unwrap().1
}

/// Returns the finding for the sandbox's settings with `over` merged over them.
fn finding_for(sandbox: &Sandbox, platform: Platform, over: Figment) -> Finding {
    let mut figment = sandbox.figment().merge(over);
    // One lane asks, so that the others' paces are no matter.
    for other in FOUR {
        if other != platform {
            figment = figment.merge((format!("{}.enabled", other.instance()), false));
        }
    }
    let guard = started(figment);
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    assert!(sandbox.inbox().is_empty(), "nothing may be posted");
    for secret in secrets(sandbox) {
        for finding in &findings {
            assert!(!finding.to_string().contains(&secret), "{finding}");
        }
    }
    let names = findings.iter().map(Finding::instance);
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["slack", "discord", "telegram", "zulip"]
    );
    let mut found = findings.into_iter();
    found
        .find(|finding| finding.instance() == platform.instance())
        .unwrap()
}

fn secrets(sandbox: &Sandbox) -> Vec<String> {
    let keys = [
        "slack.url",
        "discord.url",
        "telegram.bot_token",
        "zulip.bot_api_key",
    ];
    let secrets = keys.map(|key| sandbox.figment().extract_inner::<String>(key).unwrap());
    secrets
        .into_iter()
        .map(|secret| secret.rsplit('/').next().unwrap().to_owned())
        .collect()
}

fn nothing() -> Figment {
    Figment::new()
}

/// Fails unless something is wrong, and it is told in these words.
fn assert_wrong(finding: &Finding, words: &[&str]) {
    assert_eq!(finding.outcome(), Outcome::Wrong, "{finding}");
    for word in words {
        assert!(
            finding.text().contains(word),
            "{word:?} is not in: {finding}"
        );
    }
    assert!(!finding.text().contains('\n'));
}

#[test]
fn good_credentials_are_fine_and_nothing_is_posted() {
    let sandbox = Sandbox::start().unwrap();
    let guard = started(sandbox.figment());
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    let told: Vec<_> = findings.iter().map(Finding::to_string).collect();
    assert_eq!(
        told,
        [
            "– slack: Slack cannot say whether a webhook works; only a message would show it",
            "✓ discord: the webhook “discord” writes to channel 199737254929760256",
            "✓ telegram: @logout_sandbox_bot writes to “Sandbox”",
            "✓ zulip: zulip-bot writes to #alerts",
        ]
    );
    assert!(sandbox.inbox().is_empty());
    let asked = sandbox.requests();
    assert!(
        asked
            .iter()
            .all(|exchange| exchange.request().method() == "GET")
    );
    assert_eq!(asked.len(), 5);
}

#[test]
fn questions_keep_the_pace_of_their_destination() {
    let sandbox = Sandbox::start().unwrap();
    let machine = LatenessMonitor::watch();
    let finding = finding_for(&sandbox, Platform::Telegram, nothing());
    assert_eq!(finding.outcome(), Outcome::Fine);
    let at: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|one| one.arrived_at())
        .collect();
    assert_eq!(at.len(), 2);
    // One a second to a chat; requests may arrive bunched by a twentieth of it, and the first by as
    // much as the sandbox was late to read it.
    let (apart, late) = (at[1] - at[0], machine.lateness());
    assert!(
        apart + late >= Duration::from_millis(950),
        "{apart:?} {late:?}"
    );
}

#[test]
fn a_server_in_trouble_is_told_from_a_wrong_setting() {
    let sandbox = Sandbox::start().unwrap();
    for platform in [Platform::Discord, Platform::Telegram, Platform::Zulip] {
        let name = platform.instance();
        sandbox.trouble(name, Trouble::status(502).times(1));
        let finding = finding_for(&sandbox, platform, nothing());
        assert_wrong(&finding, &["status 502", "no setting is to blame"]);
        assert!(!finding.text().contains("set `"), "{finding}");

        sandbox.trouble(name, Trouble::close().times(1));
        let finding = finding_for(&sandbox, platform, nothing());
        assert_wrong(&finding, &["127.0.0.1 cannot be reached", "network"]);

        sandbox.trouble(name, Trouble::rate_limited(Duration::from_secs(1)).times(1));
        let finding = finding_for(&sandbox, platform, nothing());
        assert_eq!(finding.outcome(), Outcome::Fine, "{finding}");

        sandbox.refuse_connections(name);
        let finding = finding_for(&sandbox, platform, nothing());
        assert_wrong(&finding, &["refused the connection"]);
        sandbox.heal(name);
    }
    assert_eq!(
        finding_for(&sandbox, Platform::Slack, nothing()).outcome(),
        Outcome::Unasked
    );
}

#[test]
fn an_answer_that_does_not_come_takes_no_longer_than_was_allowed() {
    let sandbox = Sandbox::start().unwrap();
    for name in ["discord", "telegram"] {
        sandbox.trouble(name, Trouble::hang());
    }
    sandbox.trouble("zulip", Trouble::rate_limited(Duration::from_secs(600)));
    let guard = started(sandbox.figment());
    let begun = Instant::now();
    let findings = guard.handle().verify(Duration::from_millis(1_500)).unwrap();
    // A busy machine is late to notice, and not by as much as a second question would take.
    assert!(begun.elapsed() < TIMEOUT);
    for finding in &findings[1..3] {
        // Whoever asks waits a little longer than the worker, and says so itself if that is late.
        let said = match finding.text().starts_with("there was") {
            true => "there was no answer within 1 s",
            false => "127.0.0.1 did not answer in time",
        };
        assert_wrong(finding, &[said]);
    }
    assert_eq!(findings[3].outcome(), Outcome::Unasked, "{}", findings[3]);
    assert!(
        findings[3].text().contains("there was no time to ask"),
        "{}",
        findings[3]
    );

    let none = guard.handle().verify(Duration::ZERO).unwrap();
    assert_eq!(none.len(), 4);
    assert!(
        none.iter()
            .all(|finding| finding.outcome() != Outcome::Fine)
    );

    // The lanes have let go of what hangs.
    sandbox.heal("discord");
    sandbox.heal("telegram");
    let again = guard.handle().verify(TIMEOUT).unwrap();
    assert_eq!(again[1].outcome(), Outcome::Fine, "{}", again[1]);
}

#[test]
fn a_lane_that_waits_for_its_destination_to_recover_is_asked_all_the_same() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("discord", Trouble::status(503));
    let figment = sandbox.figment();
    let (layer, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || tracing::error!("oh"));
    let seen = |messages: usize| {
        let requests = sandbox.wait_for_requests(messages, TIMEOUT);
        requests.iter().filter(|one| one.is_troubled()).count()
    };
    assert!(seen(4) > 0);
    sandbox.heal("discord");
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    assert_eq!(findings[1].outcome(), Outcome::Fine, "{}", findings[1]);
    // What was on its way is not forgotten over it.
    guard.handle().flush(TIMEOUT).unwrap();
    assert_eq!(guard.handle().stats().lane("discord").unwrap().delivered, 1);
}

#[test]
fn a_deleted_webhook_is_not_asked_again() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("discord", Trouble::gone());
    let figment = sandbox.figment_for("discord");
    logout! { struct One { adapters: [Discord] } }
    let (layer, guard) = One::from_figment(figment).unwrap().start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || tracing::error!("oh"));
    assert_eq!(guard.handle().flush(TIMEOUT).unwrap_err().left(), 1);
    let before = sandbox.requests().len();
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    assert_wrong(
        &findings[0],
        &["it was deleted", "correct its configuration"],
    );
    assert_eq!(sandbox.requests().len(), before);
}

#[test]
fn who_is_turned_off_is_not_asked_and_says_so() {
    let sandbox = Sandbox::start().unwrap();
    let guard = started(Figment::from(("enabled", false)));
    for finding in guard.handle().verify(TIMEOUT).unwrap() {
        assert_eq!(finding.outcome(), Outcome::Unasked);
        assert!(finding.text().contains("turned off"), "{finding}");
    }
    let guard = started(Figment::from(("dry_run", true)));
    for finding in guard.handle().verify(TIMEOUT).unwrap() {
        assert_eq!(finding.outcome(), Outcome::Unasked);
        assert!(finding.text().contains("dry run"), "{finding}");
    }
    let guard = started(sandbox.figment().merge(("zulip.enabled", false)));
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    assert_eq!(findings[3].outcome(), Outcome::Unasked);
    assert!(findings[3].text().contains("by its configuration"));
    assert_eq!(findings[1].outcome(), Outcome::Fine);
}

#[test]
fn nobody_answers_after_the_end() {
    let sandbox = Sandbox::start().unwrap();
    let guard = started(sandbox.figment());
    let handle = guard.handle();
    drop(guard);
    assert!(handle.verify(TIMEOUT).unwrap_err().is_stopped());
    assert!(
        smol::block_on(handle.verify_async(TIMEOUT))
            .unwrap_err()
            .is_stopped()
    );
}

#[test]
fn an_end_in_the_middle_of_the_asking_is_told_at_once() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("discord", Trouble::hang());
    let guard = started(sandbox.figment());
    let handle = guard.handle();
    let begun = Instant::now();
    let asking = std::thread::spawn(move || handle.verify(Duration::from_secs(60)));
    assert!(!sandbox.wait_for_requests(1, TIMEOUT).is_empty());
    let _left = guard.handle().shutdown(Duration::from_millis(100));
    assert!(asking.join().unwrap().unwrap_err().is_stopped());
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn several_threads_may_ask_at_once() {
    let sandbox = Sandbox::start().unwrap();
    let guard = started(
        sandbox
            .figment_for("zulip")
            .merge(turned_off(&["slack", "discord", "telegram"])),
    );
    let handle = guard.handle();
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| handle.verify(TIMEOUT).unwrap()))
            .collect();
        for asked in asking {
            assert_eq!(asked.join().unwrap()[3].outcome(), Outcome::Fine);
        }
    });
}

#[test]
fn a_filter_of_the_whole_subscriber_that_hides_events_is_found() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    let findings_under = |filter: &str, layer| {
        let subscriber = tracing_subscriber::registry()
            .with(layer)
            .with(tracing_subscriber::EnvFilter::new(filter));
        tracing::subscriber::with_default(subscriber, || guard.handle().verify(TIMEOUT).unwrap())
    };
    let findings = findings_under("error", layer);
    let hiding = findings.last().unwrap();
    assert_eq!(
        (hiding.instance(), hiding.outcome()),
        ("Alerts", Outcome::Wrong)
    );
    assert!(
        hiding.text().contains("only error") && hiding.text().contains("fmt::layer().with_filter"),
        "{hiding}"
    );
    // Where the layer is no part of the thread's subscriber nothing is known.
    assert_eq!(guard.handle().verify(TIMEOUT).unwrap().len(), 4);
}

fn turned_off(names: &[&str]) -> Figment {
    let keys = names.iter().map(|name| (format!("{name}.enabled"), false));
    keys.fold(Figment::new(), Figment::merge)
}

#[test]
fn an_async_program_awaits_it_on_the_thread_that_asks() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let (_layer, guard, worker) = alerts.start_on::<Registry>();
    let executor = smol::LocalExecutor::new();
    executor.spawn(worker).detach();
    smol::block_on(executor.run(async {
        let handle = guard.handle();
        let error = handle.verify(TIMEOUT).unwrap_err();
        assert!(
            error.to_string().contains("await `verify_async`"),
            "{error}"
        );
        let findings = handle.verify_async(TIMEOUT).await.unwrap();
        assert_eq!(findings[3].outcome(), Outcome::Fine, "{}", findings[3]);
        guard.shutdown_async().await.unwrap();
    }));
}
