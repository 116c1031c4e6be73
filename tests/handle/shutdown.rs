//! The shutdown: pending events are sent, in bounded time, and those that cannot be are counted.

use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::stats::Reason;
use logout::{Discord, Slack, logout};

use crate::support::{TIMEOUT, assert_adds_up, delivered, discarded, run_with, wait_until_empty};

logout! {
    struct Alerts {
        shutdown_timeout: Duration::from_millis(1_500),
        adapters: [Slack, Discord],
    }
}

fn started(sandbox: &Sandbox, work: impl FnOnce()) -> logout::Guard<Alerts> {
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    run_with(alerts.start().unwrap(), work)
}

/// Waits until Discord has what was logged, for which a short time may not do.
fn wait_for_discord(guard: &logout::Guard<Alerts>) {
    let (handle, start) = (guard.handle(), Instant::now());
    while delivered(&handle.stats(), "discord") == 0 {
        assert!(start.elapsed() < TIMEOUT, "{}", handle.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn dropping_the_guard_sends_what_is_left() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment().merge(("shutdown_timeout", "10s"));
    let alerts = Alerts::from_figment(figment).unwrap();
    drop(run_with(alerts.start().unwrap(), || {
        tracing::error!("the last words");
    }));
    assert_eq!(sandbox.inbox().len(), 2);
}

#[test]
fn dropping_the_guard_takes_no_longer_than_its_timeout() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble(Platform::Slack, Trouble::hang());
    let guard = started(&sandbox, || tracing::error!("broken"));
    wait_for_discord(&guard);
    let handle = guard.handle();
    let dropped = Instant::now();
    drop(guard);
    let took = dropped.elapsed();
    // Two seconds more than it may take, for a busy machine.
    assert!(took < Duration::from_millis(3_500), "{took:?}");
    let stats = wait_until_empty(&handle);
    assert_eq!(discarded(&stats, "slack", Reason::Shutdown), 1);
    assert_eq!(stats.lane("discord").unwrap().delivered, 1);
    assert_eq!(stats.left(), 0);
    assert_adds_up(&stats);
}

#[test]
fn a_shutdown_says_how_much_it_gave_up() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble(Platform::Slack, Trouble::hang());
    let guard = started(&sandbox, || tracing::error!("broken"));
    wait_for_discord(&guard);
    let error = guard
        .handle()
        .shutdown(Duration::from_millis(200))
        .unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.left(), 1);
}

#[test]
fn a_second_shutdown_is_a_clear_error() {
    let sandbox = Sandbox::start().unwrap();
    let guard = started(&sandbox, || tracing::error!("broken"));
    let handle = guard.handle();
    handle.shutdown(TIMEOUT).unwrap();
    let error = handle.shutdown(TIMEOUT).unwrap_err();
    assert!(error.is_stopped());
    assert_eq!(error.to_string(), "logout has been shut down");
    assert!(handle.flush(TIMEOUT).unwrap_err().is_stopped());
    let dropped = Instant::now();
    drop(guard);
    assert!(
        dropped.elapsed() < TIMEOUT / 2,
        "there is nothing to wait for"
    );
}

#[test]
fn what_is_logged_after_a_shutdown_is_left_alone() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    guard.handle().shutdown(TIMEOUT).unwrap();
    let guard = run_with((layer, guard), || tracing::error!("too late"));
    assert_eq!(guard.handle().stats().left(), 0);
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_close_that_is_given_up_blocks_nothing_and_ends_all_the_same() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble(Platform::Slack, Trouble::hang());
    let guard = started(&sandbox, || tracing::error!("broken"));
    let handle = guard.handle();
    let began = Instant::now();
    let close = async { Some(guard.shutdown_async().await) };
    let impatient = async {
        smol::future::yield_now().await;
        None
    };
    let closed = smol::block_on(smol::future::or(close, impatient));
    assert!(closed.is_none());
    // A wait would take 1.5 s.
    assert!(began.elapsed() < Duration::from_millis(1_400));
    // It is asked for all the same, and the rest is given up when its time is over.
    let stats = wait_until_empty(&handle);
    assert_eq!(discarded(&stats, "slack", Reason::Shutdown), 1, "{stats}");
    // The account is published a moment before the end.
    while !handle
        .flush(Duration::ZERO)
        .is_err_and(|error| error.is_stopped())
    {
        assert!(began.elapsed() < 2 * TIMEOUT, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(handle.shutdown(TIMEOUT).unwrap_err().is_stopped());
}

mod long {
    //! Messages of many requests.

    use std::time::Duration;

    use logout::sandbox::{Message, Sandbox};
    use logout::{Slack, logout};

    use crate::support::{TIMEOUT, assert_adds_up, run_with, wait_until_empty};

    logout! {
        struct Alerts {
            shutdown_timeout: Duration::from_secs(3),
            truncate: 100_000,
            adapters: [Slack],
        }
    }

    const OTHERS: usize = 27;

    /// Logs a message of many requests and, once people have the first of them, many short ones.
    fn logged(sandbox: &Sandbox) -> logout::Guard<Alerts> {
        let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
        run_with(alerts.start().unwrap(), || {
            tracing::error!("site-long {}", "all of it ".repeat(6_000));
            assert!(sandbox.wait_until(TIMEOUT, |inbox| !inbox.is_empty()));
            for order in 0..OTHERS {
                tracing::error!(fingerprint = order, "site-{order:02}: broken");
            }
        })
    }

    fn is_told(sandbox: &Sandbox, order: usize) -> bool {
        let inbox = sandbox.inbox();
        let site = format!("site-{order:02}");
        inbox.iter().any(|message| message.text().contains(&site))
    }

    #[test]
    fn the_rest_of_a_long_message_does_not_use_up_the_time_of_those_that_nobody_was_told() {
        let sandbox = Sandbox::start().unwrap();
        let guard = logged(&sandbox);
        let handle = guard.handle();
        drop(guard);
        let stats = wait_until_empty(&handle);
        assert_adds_up(&stats);
        let lane = stats.lane("slack").unwrap();
        assert_eq!(
            (lane.delivered, lane.discarded.total()),
            (1 + OTHERS as u64, 0),
            "{stats}"
        );
        for order in 0..OTHERS {
            assert!(is_told(&sandbox, order), "{order}: {:#?}", sandbox.inbox());
        }
    }

    #[test]
    fn a_flush_has_the_rest_of_a_long_message_sent_after_what_nobody_was_told() {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_rate_limits(false);
        let guard = logged(&sandbox);
        guard.handle().flush(TIMEOUT * 3).unwrap();
        assert!((0..OTHERS).all(|order| is_told(&sandbox, order)));
        let inbox = sandbox.inbox();
        let is_long = |message: &&Message| message.text().contains("all of it");
        let long = inbox.iter().filter(is_long).count();
        assert!(long > 1, "{inbox:#?}");
        assert!(is_long(&inbox.last().unwrap()), "{inbox:#?}");
        let stats = guard.handle().stats();
        assert_eq!(
            stats.lane("slack").unwrap().messages as usize,
            inbox.len() - long + 1
        );
    }
}
