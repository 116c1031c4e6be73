//! Values that figment alone would read wrongly.

use proptest::prelude::*;

use super::{Directory, TOKEN, URL, error, read, with_file, with_secrets};
use crate::config::environment::Environment;

#[test]
fn text_keeps_its_form_whatever_it_looks_like() {
    let seen = read(with_secrets(&[
        ("LOGOUT_RELEASE", "1.10"),
        ("LOGOUT_HOOK__CHANNEL", "007"),
        ("LOGOUT_ENVIRONMENT", "[a, {b=1}]"),
    ]))
    .unwrap();
    assert_eq!(seen.settings.release, "1.10");
    assert_eq!(seen.hook.adapter.channel, "007");
    assert_eq!(seen.settings.environment, "[a, {b=1}]");
}

#[test]
fn a_secret_of_digits_and_a_secret_that_is_true_are_secrets() {
    for secret in [
        "0123456789012345678901234567890",
        "true",
        "1e5",
        "quo'ted'",
        "a=b,c",
    ] {
        let seen = read(Environment::new(
            &[URL, ("LOGOUT_OPS__TOKEN", secret)],
            None,
        ))
        .unwrap();
        assert_eq!(seen.ops.adapter.token.expose(), secret);
    }
}

#[test]
fn a_truth_value_as_secret_of_a_file_must_be_quoted() {
    let directory = Directory::new("truth").with("logout.toml", "[ops]\ntoken = true");
    let text = error(Environment::new(&[URL], Some(&directory.0)));
    assert!(text.contains("ops.token is wrong ("), "{text}");
    assert!(
        text.ends_with("this is a boolean: put it in quotes"),
        "{text}"
    );
}

#[test]
fn variables_of_kubernetes_are_ignored() {
    let seen = read(with_secrets(&[
        ("LOGOUT_PORT", "tcp://10.0.0.1:80"),
        ("LOGOUT_SERVICE_HOST", "10.0.0.1"),
        ("LOGOUT_PORT_80_TCP_ADDR", "10.0.0.1"),
    ]));
    assert!(seen.unwrap().settings.notes.is_empty());
}

#[test]
fn a_variable_beats_the_profile_of_a_file() {
    let directory = Directory::new("profile").with(
        "logout.toml",
        "[production]\nrelease = \"file\"\n[production.hook]\nchannel = \"file\"",
    );
    let seen = read(with_file(
        &directory,
        &[
            ("LOGOUT_PROFILE", "production"),
            ("LOGOUT_RELEASE", "variable"),
            ("LOGOUT_HOOK__CHANNEL", "variable"),
        ],
    ))
    .unwrap();
    assert_eq!(seen.settings.release, "variable");
    assert_eq!(seen.hook.adapter.channel, "variable");
}

#[test]
fn an_empty_secret_is_an_error() {
    for empty in ["", "  "] {
        let text = error(Environment::new(&[URL, ("LOGOUT_OPS__TOKEN", empty)], None));
        assert!(
            text.ends_with("ops.token is empty (variable LOGOUT_OPS__TOKEN)"),
            "{text}"
        );
    }
}

/// Every variable of the block, so that the value gets into each of its error messages.
const VARIABLES: [&str; 27] = [
    "LOGOUT_ENABLED",
    "LOGOUT_LEVEL",
    "LOGOUT_SPANS",
    "LOGOUT_PROFILE",
    "LOGOUT_SHUTDOWN_TIMEOUT",
    "LOGOUT_TRUNCATE",
    "LOGOUT_UTC_LOG",
    "LOGOUT_SYNC_THRESHOLD",
    "LOGOUT_DISCARD_THRESHOLD",
    "LOGOUT_MAX_AGE",
    "LOGOUT_METADATA",
    "LOGOUT_MUTE",
    "LOGOUT_HOOK__ENABLED",
    "LOGOUT_HOOK__LEVEL",
    "LOGOUT_HOOK__ALLOW_HTTP",
    "LOGOUT_HOOK__URL",
    "LOGOUT_HOOK__URL_FILE",
    "LOGOUT_HOOK__ULR",
    "LOGOUT_OPS__TOKEN_FILE",
    "LOGOUT_OPS__THREAD",
    "LOGOUT_OPS__SERVER",
    "LOGOUT_OPS__LOUD",
    "LOGOUT_OPS__MODE",
    "LOGOUT_OPS__TAGS",
    "LOGOUT_OPS__TAGS__X",
    "LOGOUT_TOKEN",
    "HOOK_WEBHOOK_URL",
];

#[test]
fn no_error_path_shows_the_value() {
    for variable in VARIABLES {
        for value in [
            "geheim",
            "https://me:geheim@example.org",
            "http://geheim.example.org",
            "geheim=1",
        ] {
            let environment = Environment::new(&[(variable, value)], None);
            // Without the secrets there is an error whatever the variable does.
            error(environment);
        }
    }
    let all: Vec<_> = VARIABLES
        .iter()
        .map(|variable| (*variable, "geheim"))
        .collect();
    error(Environment::new(&all, None));
}

#[test]
fn no_error_path_of_a_file_shows_the_value() {
    for text in [
        "geheim",
        "[hook]\nurl = geheim",
        "[hook]\nurl = 'geheim",
        "[hook]\nurl = 'geheim'",
        "[hook]\nurl = { geheim = 1 }",
        "[hook]\nurl = ['geheim']",
        "hook = 'geheim'",
        "[ops]\ntoken = ['geheim']\nthread = 'geheim'\nmode = 'geheim'\nserver = 'geheim'\nloud = 'geheim'\n",
        "[ops]\nmode = { geheim = 'geheim' }",
        "level = 'geheim'\nmute = [['geheim']]\nmax_age = 'geheim'\ntruncate = 'geheim'",
    ] {
        let directory = Directory::new("values").with("logout.toml", text);
        error(Environment::new(&[TOKEN], Some(&directory.0)));
    }
}

proptest! {
    #[test]
    fn reading_never_panics_and_never_shows_the_value(
        variables in proptest::collection::vec((0..VARIABLES.len(), "[ -~]{0,4}geheim[ -~]{0,12}"), 0..6),
    ) {
        let variables: Vec<_> = variables
            .iter()
            .filter_map(|(index, value)| Some((*VARIABLES.get(*index)?, value.as_str())))
            .collect();
        if let Err(error) = read(Environment::new(&variables, None)) {
            prop_assert!(!error.to_string().contains("geheim"));
        }
    }
}
