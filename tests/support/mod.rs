//! Shared parts of the tests.
#![allow(
    dead_code,
    reason = "every test is a crate of its own and uses its part of this"
)]

use std::time::{Duration, Instant};

use logout::sandbox::{Message, Platform, Sandbox};
use logout::stats::Reason;
use logout::transport::{Surf, Wire};
use logout::{AlertsLayer, Builder, Dispatch, Guard, Handle, Stats};
use tracing::subscriber::with_default;
use tracing_subscriber::Registry;
use tracing_subscriber::prelude::*;

pub(crate) mod account;
pub(crate) mod clock;
pub(crate) mod contracts;
pub(crate) mod emitted;
pub(crate) mod ending;
pub(crate) mod example;
pub(crate) mod hook;
pub(crate) mod machine_lateness;
pub(crate) mod process;
pub(crate) mod random;

/// Longer than anything here takes: only a test that fails waits so long.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// The layer and the guard that `start` returns.
pub(crate) type Started<D> = (AlertsLayer<D, Registry>, Guard<D>);

/// Returns a start function for each of the built-in transports.
pub(crate) fn over_each_transport<D: Dispatch>() -> [fn(Builder<D>) -> Started<D>; 2] {
    [
        |alerts| alerts.transport(Wire::new()).start().unwrap(),
        |alerts| alerts.transport(Surf::new()).start().unwrap(),
    ]
}

/// Runs `work` with this logout as the thread's only layer.
pub(crate) fn run_with<D: Dispatch>(started: Started<D>, work: impl FnOnce()) -> Guard<D> {
    let (alerts, guard) = started;
    with_default(tracing_subscriber::registry().with(alerts), work);
    guard
}

/// Runs `work`, waits until all it logged is delivered or lost, and returns the account of it.
pub(crate) fn run_and_flush<D: Dispatch>(started: Started<D>, work: impl FnOnce()) -> Stats {
    let guard = run_with(started, work);
    guard.handle().flush(TIMEOUT).unwrap();
    guard.handle().stats()
}

/// Waits until nothing is left, and returns the account. A shutdown whose time is up does not wait for a busy
/// machine.
pub(crate) fn wait_until_empty<D: Dispatch>(handle: &Handle<D>) -> Stats {
    let start = Instant::now();
    while handle.stats().left() > 0 && start.elapsed() < TIMEOUT {
        std::thread::sleep(Duration::from_millis(5));
    }
    handle.stats()
}

/// Returns what arrived at the destination of this name, oldest first.
pub(crate) fn inbox_of(sandbox: &Sandbox, destination: &str) -> Vec<Message> {
    let mut inbox = sandbox.inbox();
    inbox.retain(|message| message.destination() == destination);
    inbox
}

/// Returns the message on `platform`, and fails if there is not exactly one.
pub(crate) fn only_message(sandbox: &Sandbox, platform: Platform) -> Message {
    let mut messages = inbox_of(sandbox, platform.instance());
    assert_eq!(messages.len(), 1, "{platform}: {messages:#?}");
    messages.remove(0)
}

/// Returns how many events the lane of this name delivered.
pub(crate) fn delivered(stats: &Stats, lane: &str) -> u64 {
    stats.lane(lane).unwrap().delivered
}

/// Returns how many events the lane of this name lost for `reason`.
pub(crate) fn discarded(stats: &Stats, lane: &str, reason: Reason) -> u64 {
    stats.lane(lane).unwrap().discarded.get(reason)
}

/// Asserts that every lane's account is closed: nothing is missing and nothing counted twice.
pub(crate) fn assert_adds_up(stats: &Stats) {
    for lane in &stats.lanes {
        let told = lane.delivered + lane.pending + lane.discarded.total();
        assert_eq!(lane.accepted, told, "{stats}");
    }
}
