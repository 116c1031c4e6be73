//! A destination that is down for a while, in the three ways there are.

use std::time::{Duration, Instant};

use logout::sandbox::{Message, Sandbox, Trouble};
use logout::transport::Wire;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support::{TIMEOUT, account};

logout! {
    struct Alerts {
        project_name: "outage",
        adapters: [Slack],
    }
}

const EVENTS: u64 = 5_000;
const KINDS: u64 = 50;
const OUTAGE: Duration = Duration::from_secs(3);

/// How long an answer is awaited: not as long as the outage lasts, and longer than a busy machine takes
/// for one afterwards.
const SILENCE: Duration = Duration::from_millis(2_500);

fn count_lost_answers(inbox: &[Message]) -> usize {
    inbox.iter().filter(|message| message.answer_lost()).count()
}

/// Logs 5,000 events during an outage, ends it once this many answers were lost, and hands over what
/// arrived.
fn log_during_outage(way: &str, lost: usize, begin: impl FnOnce(&Sandbox)) -> Vec<Message> {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let transport = Wire::new().with_head_timeout(SILENCE);
    let (alerts, guard) = alerts.transport(transport).start().unwrap();
    begin(&sandbox);
    let (before, start) = (account::peak_and_current_memory(), Instant::now());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(alerts), || {
        for event in 0..EVENTS {
            tracing::error!(
                fingerprint = event % KINDS,
                "site-{:02}: payment {event} failed",
                event % KINDS
            );
        }
    });
    std::thread::sleep(OUTAGE.saturating_sub(start.elapsed()));
    assert!(sandbox.wait_until(TIMEOUT, |inbox| count_lost_answers(inbox) == lost));
    sandbox.heal("slack");
    guard.handle().flush(Duration::from_secs(30)).unwrap();

    let (stats, inbox) = (guard.handle().stats(), sandbox.inbox());
    println!(
        "{way}: {stats}; {} messages, {} requests reached it, all well {:.1?} after the outage, peak memory +{} KiB",
        inbox.len(),
        sandbox.requests().len(),
        start.elapsed() - OUTAGE,
        account::memory_growth(before)
    );
    account::assert_holds(&stats);
    let lane = account::lane(&stats, "slack");
    assert_eq!((lane.accepted, lane.delivered), (EVENTS, EVENTS));
    assert!(lane.messages < 12, "{stats}");
    inbox
}

#[track_caller]
fn assert_all_once(messages: &[Message]) {
    let told = account::events_by_site(messages);
    assert_eq!(told.len() as u64, KINDS);
    assert!(
        told.values().all(|events| *events == EVENTS / KINDS),
        "{told:?}"
    );
}

#[test]
fn refused_connections_delay_and_never_repeat() {
    let inbox = log_during_outage("refused", 0, |sandbox| sandbox.refuse_connections("slack"));
    assert_all_once(&inbox);
    assert_eq!(
        account::without_possible_repeats(inbox.clone()).len(),
        inbox.len()
    );
}

#[test]
fn silence_delays_and_its_message_may_be_a_repeat() {
    let inbox = log_during_outage("hanging", 0, |sandbox| {
        sandbox.trouble("slack", Trouble::hang());
    });
    assert_all_once(&inbox);
    assert_eq!(
        account::without_possible_repeats(inbox.clone()).len(),
        inbox.len() - 1
    );
}

#[test]
fn a_lost_answer_repeats_the_message_and_says_so() {
    let lost = Trouble::hang().delivering().times(2);
    let inbox = log_during_outage("answers lost", 2, |sandbox| sandbox.trouble("slack", lost));
    assert_eq!(count_lost_answers(&inbox), 2);
    let unmarked = account::without_possible_repeats(inbox.clone());
    assert_eq!(unmarked.len(), inbox.len() - 2);
    assert_all_once(&unmarked);
}
