//! Reminders, mentions and the most severe level.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use super::{Directory, error, read, with_file, with_secrets};
use crate::block::MentionWhen;
use crate::block::remind::DEFAULT_STEPS;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn unless_given_they_are_what_the_documentation_says() {
    let notification = read(with_secrets(&[])).unwrap().hook.settings.notification;
    let (remind, mention) = (notification.remind, notification.mention);
    assert_eq!(remind.steps, DEFAULT_STEPS);
    assert_eq!(
        remind.steps,
        [1, 5, 30, 120].map(|minutes| minutes * MINUTE)
    );
    assert_eq!(remind.from, LevelFilter::WARN);
    assert_eq!((remind.quiet, remind.quiet_notice), (15 * MINUTE, false));
    assert_eq!(
        (mention.when, mention.every),
        (MentionWhen::New, 5 * MINUTE)
    );
}

#[test]
fn variables_set_them_for_the_block_and_for_one_instance() {
    let seen = read(with_secrets(&[
        ("LOGOUT_REMIND", "2m, 10m"),
        ("LOGOUT_REMIND_FROM", "error"),
        ("LOGOUT_QUIET", "20m"),
        ("LOGOUT_QUIET_NOTICE", "yes"),
        ("LOGOUT_MENTION_WHEN", "Always"),
        ("LOGOUT_MENTION_EVERY", "1h"),
        ("LOGOUT_OPS__REMIND", "OFF"),
        ("LOGOUT_OPS__REMIND_FROM", "info"),
        ("LOGOUT_OPS__QUIET", "30s"),
        ("LOGOUT_OPS__QUIET_NOTICE", "no"),
        ("LOGOUT_OPS__MENTION_WHEN", "new"),
        ("LOGOUT_OPS__MENTION_EVERY", "0"),
    ]))
    .unwrap();
    let hook = seen.hook.settings.notification;
    assert_eq!(hook.remind.steps, [2 * MINUTE, 10 * MINUTE]);
    assert_eq!(hook.remind.from, LevelFilter::ERROR);
    assert_eq!(
        (hook.remind.quiet, hook.remind.quiet_notice),
        (20 * MINUTE, true)
    );
    assert_eq!(hook.mention.when, MentionWhen::Always);
    assert_eq!(hook.mention.every, 60 * MINUTE);
    let ops = seen.ops.settings.notification;
    assert!(ops.remind.steps.is_empty());
    assert_eq!(ops.remind.from, LevelFilter::INFO);
    assert_eq!(
        (ops.remind.quiet, ops.remind.quiet_notice),
        (MINUTE / 2, false)
    );
    assert_eq!(ops.mention.when, MentionWhen::New);
    assert_eq!(ops.mention.every, Duration::ZERO);
}

#[test]
fn a_file_lists_the_steps_as_texts_or_seconds() {
    let directory = Directory::new("remind").with(
        "logout.toml",
        "remind = ['1m', 300]\n[ops]\nremind = 'off'\nmention_when = 'ALWAYS'\n",
    );
    let seen = read(with_file(&directory, &[])).unwrap();
    let steps = seen.hook.settings.notification.remind.steps;
    assert_eq!(steps, [MINUTE, 5 * MINUTE]);
    let ops = seen.ops.settings.notification;
    assert!(ops.remind.steps.is_empty());
    assert_eq!(ops.mention.when, MentionWhen::Always);
}

#[test]
fn what_cannot_be_is_told_at_its_variable_with_what_to_write() {
    for (name, value, told) in [
        (
            "REMIND",
            "5m,5m",
            "one of its steps is not longer than the one before; all of them count from a problem's first message, so write them in growing order, such as `1m, 5m, 30m, 2h`",
        ),
        ("REMIND", "5m,1m", "one of its steps is not longer"),
        ("REMIND", "0,1m", "it has a step of zero"),
        ("REMIND", "1,2,3,4,5,6,7,8,9", "it has more than 8 steps"),
        ("REMIND", ",", "it is empty; write `off` for no reminders"),
        (
            "REMIND",
            "1m,off",
            "expected `off`, or a list such as `1m, 5m, 30m, 2h`; each step is a duration",
        ),
        ("REMIND", "never", "expected `off`, or a list such as"),
        ("REMIND_FROM", "loud", "expected a level such as WARN"),
        ("QUIET", "0s", "expected a duration above zero"),
        ("QUIET_NOTICE", "maybe", "expected `true` or `false`"),
        ("MENTION_WHEN", "sometimes", "expected `new` or `always`"),
        (
            "MENTION_EVERY",
            "1d",
            "it is longer than `1h`, the maximum: whoever is called less often misses the second \
            outage; write `1h` or less",
        ),
        ("MAX_LEVEL", "loud", "expected a level such as WARN"),
    ] {
        for (prefix, scope) in [("LOGOUT_", ""), ("LOGOUT_OPS__", "ops.")] {
            let variable: &str = &format!("{prefix}{name}");
            let key = name.to_lowercase();
            let text = error(super::Environment::new(
                &[super::URL, super::TOKEN, (variable, value)],
                None,
            ));
            let line = format!("{scope}{key} is wrong (variable {variable}): {told}");
            assert!(text.contains(&line), "{line} is not in {text}");
        }
    }
}

#[test]
fn the_gravest_level_is_set_for_the_block_and_for_one_instance() {
    let seen = read(with_secrets(&[("LOGOUT_HOOK__MAX_LEVEL", "warn")])).unwrap();
    assert_eq!(seen.hook.settings.max_level, LevelFilter::WARN);
    assert_eq!(seen.ops.settings.max_level, LevelFilter::ERROR);
    let seen = read(with_secrets(&[
        ("LOGOUT_MAX_LEVEL", "warn"),
        ("LOGOUT_OPS__MAX_LEVEL", "error"),
    ]))
    .unwrap();
    assert_eq!(seen.hook.settings.max_level, LevelFilter::WARN);
    assert_eq!(seen.ops.settings.max_level, LevelFilter::ERROR);
}

#[test]
fn levels_between_which_nothing_passes_are_told_where_they_are_given() {
    for (variables, line) in [
        (
            &[("LOGOUT_MAX_LEVEL", "info")][..],
            "max_level is wrong (variable LOGOUT_MAX_LEVEL): nothing passes: `level` is WARN \
            and `max_level` is INFO; write a `max_level` of WARN or a more severe one, or a \
            `level` of INFO",
        ),
        (
            &[("LOGOUT_OPS__MAX_LEVEL", "warn")],
            "ops.max_level is wrong (variable LOGOUT_OPS__MAX_LEVEL): nothing passes: `level` is ERROR",
        ),
        (
            &[
                ("LOGOUT_MAX_LEVEL", "warn"),
                ("LOGOUT_OPS__MAX_LEVEL", "error"),
                ("LOGOUT_HOOK__LEVEL", "error"),
            ],
            "hook.level is wrong (variable LOGOUT_HOOK__LEVEL): nothing passes",
        ),
    ] {
        let text = error(with_secrets(variables));
        assert!(text.contains(line), "{line} is not in {text}");
    }
    let off = [
        ("LOGOUT_HOOK__LEVEL", "off"),
        ("LOGOUT_HOOK__MAX_LEVEL", "warn"),
    ];
    assert!(read(with_secrets(&off)).is_ok(), "silent on purpose");
}

#[test]
fn an_incident_that_will_stay_open_is_said() {
    let notes = |steps: &'static str| {
        let off = ("LOGOUT_HOOK__REMIND", "off");
        let seen = read(with_secrets(&[off, ("LOGOUT_OPS__REMIND", steps)]));
        seen.unwrap().settings.notes
    };
    assert_eq!(notes("1m"), [""; 0]);
    assert_eq!(
        notes("off"),
        ["ops: `remind` is off, so the end of a problem is not sent and its incident stays open"]
    );
}
