//! Changes of a level at run time, which can narrow it and never widen it.

use logout::sandbox::{Platform, Sandbox};
use logout::{Change, Slack, logout};
use tracing::level_filters::LevelFilter;

use crate::support;
use crate::support::process::is_alone;
use crate::support::{inbox_of, only_message, run_and_flush, run_with};

logout! {
    struct Alerts { level: WARN, adapters: [Slack] }
}

fn work() {
    tracing::error!("broken");
    tracing::warn!("bent");
    tracing::info!("fine");
}

#[test]
fn a_configured_level_narrows_what_is_sent() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment_for("slack").merge(("level", "error"));
    let alerts = Alerts::from_figment(figment).unwrap();
    run_and_flush(alerts.start().unwrap(), work);
    let message = only_message(&sandbox, Platform::Slack);
    assert!(message.text().contains("broken"), "{message}");
    assert!(!message.text().contains("bent"), "{message}");
}

#[test]
fn an_instance_may_be_narrowed_by_itself_in_the_ancestors_words() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox
        .figment_for("slack")
        .merge(("slack.level", "critical"));
    let alerts = Alerts::from_figment(figment).unwrap();
    let stats = run_and_flush(alerts.start().unwrap(), work);
    assert_eq!(stats.lane("slack").unwrap().accepted, 1);
}

#[test]
fn a_wider_level_is_an_error_that_says_what_may_be_written() {
    let sandbox = Sandbox::start().unwrap();
    for key in ["level", "slack.level"] {
        let figment = sandbox.figment_for("slack").merge((key, "info"));
        let error = Alerts::from_figment(figment).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
        for level in ["`WARN`", "`ERROR`", "`OFF`"] {
            assert!(error.contains(level), "{error}");
        }
    }
}

#[test]
fn a_level_narrowed_while_the_program_runs_takes_effect_at_once() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    let handle = guard.handle();
    let guard = run_with((layer, guard), || {
        handle
            .configure(Change::new().level(LevelFilter::OFF))
            .unwrap();
        tracing::error!("nobody hears this");
        let wider = handle.configure(Change::new().level(LevelFilter::TRACE));
        assert!(wider.unwrap_err().to_string().contains("narrowed"));
        handle
            .configure(Change::new().level(LevelFilter::WARN))
            .unwrap();
        work();
    });
    guard.handle().flush(support::TIMEOUT).unwrap();
    let text: String = inbox_of(&sandbox, "slack")
        .iter()
        .map(|one| one.to_string())
        .collect();
    assert!(text.contains("broken") && text.contains("bent"), "{text}");
    assert!(!text.contains("nobody"), "{text}");
    assert!(
        !text.contains("fine"),
        "the block's level is a promise: {text}"
    );
}

#[test]
fn an_instance_cannot_be_set_to_more_than_its_block_promised() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (_layer, guard) = alerts.start::<tracing_subscriber::Registry>().unwrap();
    let wider = Change::new().level(LevelFilter::DEBUG);
    let error = guard
        .handle()
        .configure_instance(AlertsAdapter::Slack, wider)
        .unwrap_err();
    assert!(error.is_config());
    assert!(inbox_of(&sandbox, "slack").is_empty());
}

logout! {
    struct Parted {
        level: WARN,
        adapters: [warnings: Slack { max_level: WARN }, ops: Slack { level: ERROR }],
    }
}

fn sandbox_of_two() -> Sandbox {
    let sandbox = Sandbox::start().unwrap();
    for name in ["warnings", "ops"] {
        sandbox.add(Platform::Slack, name).unwrap();
    }
    sandbox.set_rate_limits(false);
    sandbox
}

/// Returns what has arrived at each of the two destinations.
fn texts_of_both(sandbox: &Sandbox) -> (String, String) {
    let text = |name| -> String {
        let messages = inbox_of(sandbox, name);
        messages.iter().map(|one| one.text()).collect()
    };
    (text("warnings"), text("ops"))
}

#[test]
fn the_channel_of_warnings_hears_no_error_and_every_panic() {
    if !is_alone(the_channel_of_warnings_hears_no_error_and_every_panic) {
        return;
    }
    let sandbox = sandbox_of_two();
    let alerts = Parted::from_figment(sandbox.figment()).unwrap();
    let started = alerts.start().unwrap();
    started.1.capture_panics();
    let guard = run_with(started, || {
        work();
        let died = std::thread::spawn(|| panic!("the till has fallen over")).join();
        assert!(died.is_err());
    });
    guard.handle().flush(support::TIMEOUT).unwrap();
    let (warnings, ops) = texts_of_both(&sandbox);
    assert!(
        warnings.contains("bent") && !warnings.contains("broken"),
        "{warnings}"
    );
    assert!(ops.contains("broken") && !ops.contains("bent"), "{ops}");
    for told in [warnings, ops] {
        assert!(told.contains("the till has fallen over"), "{told}");
    }
    let stats = guard.handle().stats();
    assert_eq!(stats.lane("warnings").unwrap().accepted, 2);
}

#[test]
fn the_gravest_level_changes_while_the_program_runs_within_the_blocks_promise() {
    let sandbox = sandbox_of_two();
    let alerts = Parted::from_figment(sandbox.figment()).unwrap();
    let started = alerts.start().unwrap();
    let handle = started.1.handle();
    let guard = run_with(started, || {
        let graver = Change::new().max_level(LevelFilter::ERROR);
        let error = handle.configure_instance(PartedAdapter::Warnings, graver);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("nothing above WARN"), "{error}");

        let silent = Change::new().max_level(LevelFilter::WARN);
        let error = handle.configure_instance(PartedAdapter::Ops, silent);
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("`ops`") && error.contains("nothing passes"),
            "{error}"
        );

        // Nobody has to take the channel of warnings out first.
        let errors_only = Change::new().level(LevelFilter::ERROR);
        handle.configure(errors_only).unwrap();
        work();
    });
    guard.handle().flush(support::TIMEOUT).unwrap();
    let (warnings, ops) = texts_of_both(&sandbox);
    assert!(warnings.is_empty(), "{warnings}");
    assert!(ops.contains("broken"), "{ops}");
}
