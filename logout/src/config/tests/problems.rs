//! The contents of problems, and what they must not contain.

use tracing::level_filters::LevelFilter;

use super::{TOKEN, error, read, with_secrets};
use crate::config::environment::Environment;

#[test]
fn everything_that_is_missing_or_wrong_is_told_at_once() {
    let text = error(Environment::new(
        &[
            ("LOGOUT_LEVEL", "geheim"),
            ("LOGOUT_OPS__LEVEL", "geheim"),
            ("LOGOUT_OPS__THREAD", "geheim"),
            ("LOGOUT_OPS__MODE", "geheim"),
            ("LOGOUT_OPS__LOUD", "geheim"),
            ("LOGOUT_OPS__TOKN", "geheim"),
            ("LOGOUT_HOOK_URL", "https://hooks.example.org/geheim"),
        ],
        None,
    ));
    assert_eq!(
        text,
        "\
the configuration of Alerts has 8 problems:
  level is wrong (variable LOGOUT_LEVEL): expected a level such as WARN, ERROR or OFF
  hook.url is missing: set HOOK_WEBHOOK_URL or LOGOUT_HOOK__URL, or hook.url in logout.toml
  ops.level is wrong (variable LOGOUT_OPS__LEVEL): expected a level such as WARN, ERROR or OFF
  the variable LOGOUT_OPS__TOKN means nothing: did you mean LOGOUT_OPS__TOKEN
  ops.token is missing: set LOGOUT_OPS__TOKEN, or ops.token in logout.toml
  ops.thread is wrong (variable LOGOUT_OPS__THREAD): expected a whole number of at most 18 digits
  ops.loud is wrong (variable LOGOUT_OPS__LOUD): expected `true` or `false`
  ops.mode is wrong (variable LOGOUT_OPS__MODE): expected one of `markdown` and `html`
  note: the variable LOGOUT_HOOK_URL means nothing: did you mean LOGOUT_HOOK__URL"
    );
}

#[test]
fn a_single_problem_is_a_single_sentence() {
    assert_eq!(
        error(Environment::new(&[TOKEN], None)),
        "the configuration of Alerts has a problem: hook.url is missing: set HOOK_WEBHOOK_URL \
         or LOGOUT_HOOK__URL, or hook.url in logout.toml"
    );
}

#[test]
fn levels_only_narrow() {
    let text = error(with_secrets(&[
        ("LOGOUT_LEVEL", "info"),
        ("LOGOUT_OPS__LEVEL", "warn"),
        ("LOGOUT_HOOK__LEVEL", "debug"),
    ]));
    for line in [
        "level is wrong (variable LOGOUT_LEVEL): the block's WARN can only be narrowed; write `WARN`, `ERROR` or `OFF`",
        "hook.level is wrong (variable LOGOUT_HOOK__LEVEL): the block's WARN can",
        "ops.level is wrong (variable LOGOUT_OPS__LEVEL): the block's ERROR can only be narrowed; write `ERROR` or `OFF`",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    let seen = read(with_secrets(&[
        ("LOGOUT_LEVEL", "error"),
        ("LOGOUT_HOOK__LEVEL", "warning"),
    ]));
    assert_eq!(seen.unwrap().hook.settings.level, LevelFilter::WARN);
}

#[test]
fn addresses_are_https_unless_allowed() {
    for (url, why) in [
        ("", "hook.url is empty (variable LOGOUT_HOOK__URL)"),
        ("hooks.example.org/geheim", "it has no scheme"),
        ("https://hooks.example.org:0/geheim", "its port is 0"),
        (
            "http://hooks.example.org/geheim",
            "its scheme must be `https`",
        ),
    ] {
        let text = error(Environment::new(&[TOKEN, ("LOGOUT_HOOK__URL", url)], None));
        assert!(text.contains(why), "{url}: {text}");
    }
    let insecure = ("LOGOUT_HOOK__URL", "http://hooks.example.org/geheim");
    assert!(
        read(Environment::new(
            &[TOKEN, insecure, ("LOGOUT_HOOK__ALLOW_HTTP", "true")],
            None
        ))
        .is_ok()
    );
    assert!(
        read(Environment::new(
            &[TOKEN, ("LOGOUT_HOOK__URL", "http://[::1]:9/")],
            None
        ))
        .is_ok()
    );
}

#[test]
fn thresholds_out_of_order_are_an_error() {
    let text = error(with_secrets(&[
        ("LOGOUT_SYNC_THRESHOLD", "600"),
        ("LOGOUT_MAX_AGE", "0"),
    ]));
    assert!(text.contains("sync_threshold is wrong (variable LOGOUT_SYNC_THRESHOLD): it must not exceed discard_threshold (500)"), "{text}");
    assert!(
        text.contains("max_age is wrong (variable LOGOUT_MAX_AGE): expected a duration above zero"),
        "{text}"
    );
}

#[test]
fn what_an_adapter_says_about_its_settings_is_told_without_secrets() {
    let text = error(with_secrets(&[("LOGOUT_HOOK__CHANNEL", "empty")]));
    assert!(
        text.ends_with("hook is wrong: its channel does not fit …"),
        "{text}"
    );
}

#[test]
fn nothing_that_is_printed_in_passing_shows_a_value() {
    let seen = read(with_secrets(&[])).unwrap();
    let text = format!("{seen:?}");
    assert!(!text.contains("geheim"), "{text}");
}
