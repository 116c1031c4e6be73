//! Messages about one problem at destinations that keep them together: threads of Slack's bot and of Google
//! Chat, alerts of PagerDuty.

use std::time::Duration;

use figment::Figment;
use logout::logout;
use logout::sandbox::{Answer, Message, Sandbox, Trouble};
use tracing_subscriber::prelude::*;

use crate::support::{TIMEOUT, inbox_of, run_with};

logout! {
    struct Alerts {
        project_name: "Corner Shop",
        environment: "test",
        adapters: [
            logout::SlackBot { thread: true },
            logout::GoogleChat,
            logout::PagerDuty,
        ],
    }
}

/// Returns the shortest intervals allowed: a reminder after a second, quiet after three.
fn fast_settings(sandbox: &Sandbox) -> Figment {
    sandbox
        .figment()
        .merge(("remind", ["1s", "1h"]))
        .merge(("quiet", "3s"))
}

fn threads(messages: &[Message]) -> Vec<(Option<String>, bool)> {
    let chats = messages.iter().map(|message| {
        let chat = message.details().google_chat().unwrap();
        (chat.thread.clone(), chat.is_reply)
    });
    chats.collect()
}

#[test]
fn a_problem_opens_a_thread_and_an_incident_and_ends_the_incident_when_it_is_quiet() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(fast_settings(&sandbox)).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    let _default = tracing::subscriber::set_default(subscriber);
    let fail = || tracing::error!(order = 42, "payment failed");
    fail();
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 3));
    fail();
    // The reminders; the end may follow before this thread has looked.
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() >= 6));
    // The end, which only PagerDuty has to know.
    let is_over = |inbox: &[Message]| {
        let mut events = inbox
            .iter()
            .filter_map(|message| message.details().pager_duty());
        events.any(|event| event.action == "resolve")
    };
    assert!(sandbox.wait_until(TIMEOUT, is_over));
    drop(guard);

    let slack = inbox_of(&sandbox, "slack_bot");
    let of_slack = slack
        .iter()
        .map(|message| message.details().slack().unwrap().thread.clone());
    let of_slack: Vec<_> = of_slack.collect();
    assert_eq!(of_slack.len(), 2);
    assert!(
        of_slack[0].is_none() && of_slack[1].is_some(),
        "{of_slack:?}"
    );

    let google = threads(&inbox_of(&sandbox, "google_chat"));
    assert_eq!(
        google
            .iter()
            .map(|(_, is_reply)| *is_reply)
            .collect::<Vec<_>>(),
        [false, true]
    );
    assert!(
        google[0]
            .0
            .as_ref()
            .is_some_and(|key| key.starts_with("Corner Shop/test/"))
    );
    assert_eq!(google[0].0, google[1].0);

    let pager = inbox_of(&sandbox, "pager_duty");
    let events = pager
        .iter()
        .map(|message| message.details().pager_duty().unwrap());
    let told: Vec<_> = events
        .map(|event| (event.action.as_str(), event.rings))
        .collect();
    assert_eq!(
        told,
        [("trigger", true), ("trigger", false), ("resolve", false)]
    );
    for exchange in sandbox.requests() {
        assert_eq!(exchange.refusal(), None);
    }
}

logout! { struct Pager { adapters: [logout::PagerDuty] } }

#[test]
fn an_incident_of_a_single_event_is_over_too() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment_for("pager_duty");
    let figment = figment
        .merge(("remind", ["1s", "1h"]))
        .merge(("quiet", "1s"));
    let alerts = Pager::from_figment(figment).unwrap();
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::error!("payment failed");
    });
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 2));
    drop(guard);
    let events = inbox_of(&sandbox, "pager_duty");
    let events = events
        .iter()
        .map(|message| message.details().pager_duty().unwrap());
    let (actions, keys): (Vec<_>, Vec<_>) = events
        .map(|event| (event.action.clone(), event.dedup_key.clone()))
        .unzip();
    assert_eq!(actions, ["trigger", "resolve"]);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn what_was_not_answered_is_sent_again_and_rings_once() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("pager_duty", Trouble::close().delivering().times(1));
    let alerts = Pager::from_figment(sandbox.figment_for("pager_duty")).unwrap();
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::error!("payment failed");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    let events = inbox_of(&sandbox, "pager_duty");
    let rings = events
        .iter()
        .map(|message| message.details().pager_duty().unwrap().rings);
    assert_eq!(rings.collect::<Vec<_>>(), [true, false]);
    for message in &events {
        assert!(!message.text().contains("possible repeat"), "{message}");
    }
}

#[test]
fn twenty_replicas_ring_once() {
    let sandbox = Sandbox::start().unwrap();
    for _replica in 0..20 {
        let alerts = Pager::from_figment(sandbox.figment_for("pager_duty")).unwrap();
        let guard = run_with(alerts.start().unwrap(), || {
            tracing::error!("payment failed");
        });
        guard.handle().flush(TIMEOUT).unwrap();
    }
    let events = inbox_of(&sandbox, "pager_duty");
    assert_eq!(events.len(), 20);
    let rings = events
        .iter()
        .filter(|message| message.details().pager_duty().unwrap().rings);
    assert_eq!(rings.count(), 1);
}

#[test]
fn no_incident_stays_open_because_another_is_resolved() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment_for("pager_duty");
    // Reminders are ten seconds apart, as they are by default.
    let figment = figment
        .merge(("remind", ["1m", "1h"]))
        .merge(("quiet", "2s"));
    let alerts = Pager::from_figment(figment).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    let _default = tracing::subscriber::set_default(subscriber);
    for problem in ["payment failed", "the disk is full", "the queue is stuck"] {
        tracing::error!(fingerprint = problem, "{problem}");
    }
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 6));
    drop(guard);
    let inbox = inbox_of(&sandbox, "pager_duty");
    let ends = inbox.iter().filter(|message| {
        let event = message.details().pager_duty().unwrap();
        event.action == "resolve"
    });
    let ends: Vec<_> = ends.map(Message::arrived_at).collect();
    assert_eq!(ends.len(), 3);
    // Each is a second behind the one before, the pace of a key.
    assert!(ends[2] - ends[0] < Duration::from_secs(8), "{ends:?}");
}

logout! { struct Bot { adapters: [logout::SlackBot { thread: true }] } }

/// Starts a bot to which this thread logs, of texts of any length.
fn start_bot(sandbox: &Sandbox) -> (logout::Guard<Bot>, tracing::subscriber::DefaultGuard) {
    let figment = sandbox.figment_for("slack_bot");
    let figment = figment.merge(("truncate", "infinity"));
    let alerts = Bot::from_figment(figment).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    (guard, tracing::subscriber::set_default(subscriber))
}

/// Logs a text too long for three messages, and returns most of it.
fn log_long_text() -> String {
    let text = "a line of forty characters, more or less\n".repeat(1_000);
    tracing::error!("storm\n{text}the end");
    text
}

#[test]
fn a_text_too_long_for_messages_is_shared_as_a_file_in_their_thread() {
    let sandbox = Sandbox::start().unwrap();
    let (guard, _default) = start_bot(&sandbox);
    let text = log_long_text();
    // Three messages, and the file.
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 4));
    drop(guard);
    let inbox = inbox_of(&sandbox, "slack_bot");
    let threads: Vec<_> = inbox
        .iter()
        .map(|message| message.details().slack().unwrap().thread.clone())
        .collect();
    assert!(threads[0].is_none() && threads[1].is_some(), "{threads:?}");
    assert!(
        threads[2..].iter().all(|thread| *thread == threads[1]),
        "{threads:?}"
    );
    let file = &inbox[3].files()[0];
    assert_eq!(file.name(), "log.txt");
    assert!(file.text().contains(&text));
    for exchange in sandbox.requests() {
        assert_eq!(exchange.refusal(), None);
    }
}

#[test]
fn a_file_that_may_not_be_sent_holds_up_nothing() {
    let sandbox = Sandbox::start().unwrap();
    let refusal = r#"{"ok":false,"error":"missing_scope","needed":"files:write"}"#;
    // No trouble for the three messages, and then the refusal of the file.
    let troubles = [
        Trouble::delay(Duration::ZERO).times(3),
        Trouble::answer(Answer::new(200).body(refusal)).times(1),
    ];
    for trouble in troubles {
        sandbox.trouble("slack_bot", trouble);
    }
    let (guard, _default) = start_bot(&sandbox);
    log_long_text();
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 3));
    assert_eq!(sandbox.wait_for_requests(4, TIMEOUT).len(), 4);
    tracing::error!("another problem");
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 4));
    drop(guard);
    let inbox = inbox_of(&sandbox, "slack_bot");
    assert!(inbox[3].text().contains("another problem"));
    assert!(inbox.iter().all(|message| message.files().is_empty()));
    // The refused one, and no try of it again.
    assert_eq!(sandbox.requests().len(), 5);
}

#[test]
fn where_somebody_deleted_the_thread_a_reminder_opens_another() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment_for("slack_bot");
    let figment = figment.merge(("remind", ["1s", "5s", "1h"]));
    let alerts = Bot::from_figment(figment).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    let _default = tracing::subscriber::set_default(subscriber);
    let fail = || tracing::error!(order = 42, "payment failed");
    fail();
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 1));
    // With its messages the channel loses their threads.
    sandbox.clear();
    fail();
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 1));
    fail();
    assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 2));
    drop(guard);
    let threads: Vec<_> = inbox_of(&sandbox, "slack_bot")
        .iter()
        .map(|message| message.details().slack().unwrap().thread.clone())
        .collect();
    assert!(threads[0].is_none() && threads[1].is_some(), "{threads:?}");
    let refused: Vec<_> = sandbox
        .requests()
        .iter()
        .filter_map(|exchange| exchange.refusal().map(str::to_owned))
        .collect();
    assert!(
        matches!(refused.as_slice(), [one] if one.starts_with("thread_not_found")),
        "{refused:?}"
    );
}
