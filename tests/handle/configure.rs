//! Changes by the handle, which hold from the next event on.

use std::time::Duration;

use logout::config::MentionWhen;
use logout::sandbox::{Platform, Sandbox};
use logout::stats::Reason;
use logout::{Change, Discord, Handle, Slack, logout};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::prelude::*;

use crate::support::account;

logout! {
    struct Alerts {
        project_name: "configure",
        adapters: [Slack, Discord { level: ERROR }],
    }
}

const LONG: Duration = Duration::from_secs(10);

struct Running {
    guard: logout::Guard<Alerts>,
    sandbox: Sandbox,
    _default: tracing::subscriber::DefaultGuard,
}

fn start() -> Running {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())
        .unwrap()
        .start()
        .unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    Running {
        guard,
        sandbox,
        _default,
    }
}

impl Running {
    fn handle(&self) -> Handle<Alerts> {
        self.guard.handle()
    }

    /// Flushes, and returns the messages of the chat of this name.
    fn messages_of(&self, name: &str) -> Vec<String> {
        self.handle().flush(LONG).unwrap();
        account::assert_holds(&self.handle().stats());
        let inbox = account::inbox_of(&self.sandbox, name);
        inbox
            .iter()
            .map(|message| message.text().to_owned())
            .collect()
    }
}

#[test]
fn levels_are_narrowed_and_widened_within_those_of_the_block() {
    let running = start();
    running
        .handle()
        .configure(Change::new().level(LevelFilter::ERROR))
        .unwrap();
    tracing::warn!("unwanted");
    running
        .handle()
        .configure(Change::new().level(LevelFilter::WARN))
        .unwrap();
    tracing::warn!("wanted");
    let slack = running.messages_of("slack");
    assert!(
        slack.len() == 1 && slack[0].contains("⚠️ wanted"),
        "{slack:?}"
    );
    assert!(
        running.messages_of("discord").is_empty(),
        "its own level is ERROR"
    );

    let refused = running
        .handle()
        .configure_instance(
            AlertsAdapter::Discord,
            Change::new().level(LevelFilter::WARN),
        )
        .unwrap_err();
    assert!(
        refused.is_config() && refused.to_string().contains("narrowed"),
        "{refused}"
    );
    let off = Change::new().level(LevelFilter::OFF);
    running
        .handle()
        .configure_instance(AlertsAdapter::Discord, off)
        .unwrap();
    tracing::error!("for slack alone");
    assert_eq!(
        (
            running.messages_of("slack").len(),
            running.messages_of("discord").len()
        ),
        (2, 0)
    );
}

#[test]
fn thresholds_are_checked_together_and_change_nothing_when_wrong() {
    let running = start();
    let refused = running
        .handle()
        .configure(Change::new().sync_threshold(501))
        .unwrap_err();
    assert!(refused.is_config(), "{refused}");
    let refused = running
        .handle()
        .configure(Change::new().discard_threshold(0))
        .unwrap_err();
    assert!(refused.is_config(), "{refused}");
    let wide = Change::new().sync_threshold(600).discard_threshold(600);
    running.handle().configure(wide).unwrap();
    let refused = running
        .handle()
        .configure_instance(AlertsAdapter::Slack, Change::new().truncate(1))
        .unwrap_err();
    assert!(
        refused.is_config() && refused.to_string().contains("whole block"),
        "{refused}"
    );
}

#[test]
fn two_changes_at_once_never_combine_to_what_is_refused() {
    let running = start();
    let (sync, discard) = (
        Change::new().sync_threshold(400),
        Change::new().discard_threshold(300),
    );
    for _ in 0..500 {
        let usual = Change::new().sync_threshold(20).discard_threshold(500);
        running.handle().configure(usual).unwrap();
        let both = std::sync::Barrier::new(2);
        let configure = |change: &Change| {
            both.wait();
            running.handle().configure(change.clone()).is_ok()
        };
        let (one, other) = std::thread::scope(|scope| {
            let other = scope.spawn(|| configure(&discard));
            (configure(&sync), other.join().unwrap())
        });
        assert!(
            one != other,
            "400 and 300 do not go together: {one}, {other}"
        );
    }
}

#[test]
fn a_level_wider_than_promised_is_one_error_whichever_way_it_is_asked_for() {
    let running = start();
    let refused = running
        .handle()
        .configure(Change::new().level(LevelFilter::INFO).truncate(7));
    let of_all = refused.unwrap_err();
    let wider = Change::new().level(LevelFilter::INFO);
    let of_one = running
        .handle()
        .configure_instance(AlertsAdapter::Slack, wider)
        .unwrap_err();
    let read = running
        .handle()
        .reload_from(running.sandbox.figment().merge(("level", "info")))
        .unwrap_err();
    for error in [of_all, of_one, read] {
        let why = "the block's WARN can only be narrowed; write `WARN`, `ERROR` or `OFF`";
        assert!(
            error.is_config() && error.to_string().contains(why),
            "{error}"
        );
    }
    tracing::error!("not cut to seven bytes");
    assert!(running.messages_of("slack")[0].contains("not cut to seven bytes"));
}

#[test]
fn text_and_format_change_for_the_next_event() {
    let running = start();
    running
        .handle()
        .configure(Change::new().truncate(20))
        .unwrap();
    tracing::error!("{}", "x".repeat(100));
    let format = Change::new().format("<$level> $message").unwrap();
    running
        .handle()
        .configure_instance(AlertsAdapter::Slack, format)
        .unwrap();
    assert!(running.messages_of("slack")[0].contains(&format!("{} (truncated)", "x".repeat(20))));
    tracing::error!("formatted");
    assert!(
        running.messages_of("slack")[1].contains("<ERROR> formatted"),
        "{:?}",
        running.messages_of("slack")
    );
    assert!(
        !running.messages_of("discord")[1].contains("<ERROR>"),
        "{:?}",
        running.messages_of("discord")
    );
    Change::new().format("$nonsense").unwrap_err();
}

#[test]
fn the_masked_fields_change_for_the_next_event() {
    let running = start();
    let log = |time: u64| {
        let span = tracing::info_span!("pay", card.number = 4111);
        span.in_scope(|| {
            tracing::error!(
                fingerprint = time,
                api_token = "t0p",
                iban = "DE02",
                "payment failed"
            );
        });
    };
    let masked = |text: &str| ["t0p", "4111", "DE02"].map(|value| !text.contains(value));
    log(1);
    assert_eq!(
        masked(&running.messages_of("slack")[0]),
        [true, false, false]
    );
    let extended = Change::new()
        .mask(["default", "iban", "card.number"])
        .unwrap();
    running.handle().configure(extended).unwrap();
    log(2);
    assert_eq!(masked(&running.messages_of("slack")[1]), [true, true, true]);
    let reduced = Change::new().mask(["-default", "-iban"]).unwrap();
    running.handle().configure(reduced).unwrap();
    log(3);
    assert_eq!(
        masked(&running.messages_of("slack")[2]),
        [false, true, false]
    );

    for wrong in [&[][..], &["iban", "-pasword"], &["defaults"], &["a;b"]] {
        assert!(Change::new().mask(wrong).unwrap_err().is_config());
    }
    let of_one = Change::new().mask(["iban"]).unwrap();
    let refused = running
        .handle()
        .configure_instance(AlertsAdapter::Slack, of_one)
        .unwrap_err();
    assert!(refused.to_string().contains("whole block"), "{refused}");
}

#[test]
fn an_error_in_a_masked_field_is_no_text_to_show() {
    let running = start();
    let mask = Change::new().mask(["error"]).unwrap();
    running.handle().configure(mask).unwrap();
    let error = std::io::Error::other("card 4111 declined");
    let error = &error as &dyn std::error::Error;
    tracing::error!(error, "payment failed");
    let text = running.messages_of("slack").remove(0);
    assert!(
        text.starts_with("🔥 payment failed") && !text.contains("4111"),
        "{text}"
    );
}

#[test]
fn a_muted_fingerprint_is_counted_until_its_time_is_over() {
    let running = start();
    let log = || tracing::error!("noisy neighbour");
    log();
    let text = running.messages_of("slack").remove(0);
    let at = text.rfind('#').unwrap();
    let fingerprint = &text[at..at + 7];
    running
        .handle()
        .mute(fingerprint, Duration::from_secs(4))
        .unwrap();
    log();
    assert_eq!(running.messages_of("slack").len(), 1);
    let stats = running.handle().stats();
    assert_eq!(
        account::lane(&stats, "slack").discarded.get(Reason::Muted),
        1
    );
    std::thread::sleep(Duration::from_millis(4_050));
    log();
    assert_eq!(running.messages_of("slack").len(), 2);
    assert!(
        running
            .handle()
            .mute("no fingerprint", LONG)
            .unwrap_err()
            .is_config()
    );
}

#[test]
fn a_rotated_secret_takes_effect_without_a_restart() {
    let running = start();
    running.sandbox.add(Platform::Slack, "rotated").unwrap();
    tracing::error!("to the old place");
    running.messages_of("slack");
    let url: String = running
        .sandbox
        .figment()
        .extract_inner("rotated.url")
        .unwrap();
    let figment = running
        .sandbox
        .figment_for("slack")
        .merge(running.sandbox.figment_for("discord"));
    running
        .handle()
        .reload_from(figment.clone().merge(("slack.url", url)))
        .unwrap();
    tracing::error!("to the new place");
    assert_eq!(
        (
            running.messages_of("slack").len(),
            running.messages_of("rotated").len()
        ),
        (1, 1)
    );

    let wrong = running
        .handle()
        .reload_from(figment.merge(("slack.url", "nonsense")))
        .unwrap_err();
    assert!(
        wrong.is_config() && !wrong.to_string().contains("nonsense"),
        "{wrong}"
    );
    tracing::error!("to the new place still");
    assert_eq!(running.messages_of("rotated").len(), 2);
}

#[test]
fn a_destination_that_was_switched_off_gets_what_was_kept_after_a_reload() {
    let running = start();
    running
        .sandbox
        .trouble("slack", logout::sandbox::Trouble::gone().times(1));
    tracing::error!("kept");
    assert_eq!(running.handle().flush(LONG).unwrap_err().left(), 1);
    running
        .handle()
        .reload_from(running.sandbox.figment())
        .unwrap();
    tracing::error!("arrives");
    let told = running.messages_of("slack").join("\n");
    assert!(told.contains("kept") && told.contains("arrives"), "{told}");
}

#[test]
fn a_while_of_muting_does_not_end_what_the_configuration_mutes() {
    let log = || tracing::error!("noisy neighbour");
    let running = start();
    log();
    let text = running.messages_of("slack").remove(0);
    let at = text.rfind('#').unwrap();
    let fingerprint = &text[at..at + 7];

    let figment = running.sandbox.figment().merge(("mute", [fingerprint]));
    let handle = running.handle();
    handle.reload_from(figment).unwrap();
    handle.mute(fingerprint, Duration::from_millis(1)).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    log();
    assert_eq!(running.messages_of("slack").len(), 1);
    let stats = handle.stats();
    assert_eq!(
        account::lane(&stats, "slack").discarded.get(Reason::Muted),
        1
    );
    handle.mute(fingerprint, Duration::ZERO).unwrap();
    log();
    assert_eq!(
        running.messages_of("slack").len(),
        2,
        "no time at all lifts it"
    );
}

#[test]
fn no_time_at_all_is_refused_where_files_refuse_it() {
    let running = start();
    for change in [
        Change::new().max_age(Duration::ZERO),
        Change::new().discard_threshold_periodic_check(Duration::ZERO),
        Change::new().quiet(Duration::ZERO),
        Change::new().remind([Duration::ZERO]),
    ] {
        let error = running.handle().configure(change).unwrap_err();
        assert!(
            error.is_config() && error.to_string().contains("above zero"),
            "{error}"
        );
    }
    tracing::error!("still sent");
    assert_eq!(running.messages_of("slack").len(), 1);
}

#[test]
fn reminders_and_mentions_that_cannot_be_change_nothing_of_what_stands_with_them() {
    let running = start();
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    for (change, told) in [
        (
            Change::new().remind([minutes(5), minutes(5)]),
            "`remind` is wrong: one of its steps is not longer than the one before",
        ),
        (
            Change::new().remind((1..=9).map(minutes)),
            "`remind` is wrong: it has more than 8 steps",
        ),
        (
            Change::new().mention_every(minutes(24 * 60)),
            "`mention_every` is wrong: it is longer than `1h`, the maximum",
        ),
    ] {
        let change = change.level(LevelFilter::OFF);
        let error = running.handle().configure(change).unwrap_err();
        assert!(error.is_config(), "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
    let off = Change::new().remind([]).mention_when(MentionWhen::Always);
    running
        .handle()
        .configure_instance(AlertsAdapter::Slack, off)
        .unwrap();
    tracing::error!("still sent");
    assert_eq!(running.messages_of("slack").len(), 1);
}

#[test]
fn a_replaced_secret_is_still_scrubbed() {
    let (old, new) = (Sandbox::start().unwrap(), Sandbox::start().unwrap());
    let (alerts, guard) = Alerts::from_figment(old.figment())
        .unwrap()
        .start()
        .unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    let handle = guard.handle();
    let hook: String = old.figment().extract_inner("slack.url").unwrap();
    handle.reload_from(new.figment()).unwrap();
    tracing::error!("POST {hook} failed");
    handle.flush(LONG).unwrap();
    let told = account::inbox_of(&new, "slack");
    assert!(!told[0].text().contains(&hook), "{}", told[0]);
    assert!(told[0].text().contains("•••"), "{}", told[0]);
}
