//! Variables of the environment.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use super::{Directory, Mode, TOKEN, URL, error, read, with_secrets};
use crate::config::FieldSelection;
use crate::config::environment::Environment;

#[test]
fn variables_override_options_and_settings() {
    let seen = read(with_secrets(&[
        ("LOGOUT_PROJECT_NAME", "till"),
        ("LOGOUT_LEVEL", "critical"),
        ("LOGOUT_SHUTDOWN_TIMEOUT", "1m 5s"),
        ("LOGOUT_TRUNCATE", "infinity"),
        ("LOGOUT_METADATA", "order, user"),
        ("LOGOUT_MUTE", "3fa9c1"),
        ("LOGOUT_MASK", "default, iban"),
        ("LOGOUT_HOOK__CHANNEL", "#env"),
        ("LOGOUT_HOOK__METADATA", "all"),
        ("LOGOUT_OPS__THREAD", " 9 "),
        ("LOGOUT_OPS__TAGS", "a, b,"),
        ("LOGOUT_OPS__LOUD", "Yes"),
        ("LOGOUT_OPS__MODE", "HTML"),
        ("LOGOUT_OPS__SERVER", "http://127.0.0.1:8080"),
    ]))
    .unwrap();
    assert_eq!(seen.settings.project_name, "till");
    assert_eq!(seen.settings.level, LevelFilter::ERROR);
    assert_eq!(seen.settings.shutdown_timeout, Duration::from_secs(65));
    assert_eq!(seen.settings.truncate, usize::MAX);
    assert_eq!(
        seen.settings.metadata,
        FieldSelection::Only(vec!["order".to_owned(), "user".to_owned()])
    );
    assert_eq!(seen.settings.mute, ["3fa9c1"]);
    let masked = seen.settings.mask.names();
    assert!(
        ["token", "iban"]
            .iter()
            .all(|name| masked.iter().any(|known| known == name))
    );
    assert_eq!(seen.hook.settings.level, LevelFilter::ERROR);
    assert_eq!(seen.hook.settings.metadata, FieldSelection::All);
    assert_eq!(seen.hook.adapter.channel, "#env");
    let ops = seen.ops.adapter;
    assert_eq!(ops.thread, Some(9));
    assert_eq!(ops.tags, ["a", "b"]);
    assert!(ops.loud);
    assert_eq!(ops.mode, Mode::Html);
    assert_eq!(ops.server.port(), 8080);
}

#[test]
fn a_well_known_variable_serves_the_unnamed_instance_below_its_own_variable() {
    let environment = |more: &[(&str, &str)]| {
        Environment::new(
            &[
                &[TOKEN, ("HOOK_WEBHOOK_URL", "https://known.example.org/x")],
                more,
            ]
            .concat(),
            None,
        )
    };
    let host = |environment| {
        read(environment)
            .unwrap()
            .hook
            .adapter
            .url
            .expose()
            .host()
            .to_owned()
    };
    assert_eq!(host(environment(&[])), "known.example.org");
    assert_eq!(host(environment(&[URL])), "hooks.example.org");
}

#[test]
fn a_near_miss_is_no_error_and_is_noted() {
    let seen = read(with_secrets(&[
        ("LOGOUT_LEVLE", "off"),
        ("LOGOUT_PORT", "tcp://10.0.0.1:80"),
    ]));
    assert_eq!(
        seen.unwrap().settings.notes,
        ["the variable LOGOUT_LEVLE means nothing: did you mean LOGOUT_LEVEL"]
    );
}

#[test]
fn a_well_known_variable_by_another_name_is_told_where_its_key_is_missing() {
    for name in [
        "HOOK_WEBHOOK",
        "HOOK_URL",
        "hook_webhook_url",
        "HOOK_WEBHOOKURL",
        "HOOK_OPS_WEBHOOK_URL",
    ] {
        let text = error(Environment::new(&[TOKEN, (name, "https://geheim")], None));
        let told =
            format!("note: the variable {name} means nothing: did you mean HOOK_WEBHOOK_URL");
        assert!(text.contains(&told), "{told} is not in {text}");
        assert!(!text.contains("geheim"), "{text}");
        let seen = read(with_secrets(&[(name, "https://geheim")]));
        assert!(seen.unwrap().settings.notes.is_empty());
    }
    for name in ["HOOK", "WEBHOOK_URL", "OTHER_WEBHOOK_URL", "HOOK_TOKEN"] {
        let text = error(Environment::new(&[TOKEN, (name, "https://geheim")], None));
        assert!(!text.contains(&format!("{name} means")), "{text}");
    }
}

#[test]
fn a_key_under_both_its_names_is_an_error() {
    let text = error(with_secrets(&[
        ("LOGOUT_OPS__CHAT", "1"),
        ("LOGOUT_OPS__CHAT_ID", "2"),
    ]));
    assert!(
        text.contains(
            "ops.chat_id is wrong (variable LOGOUT_OPS__CHAT_ID): it is the same as `chat`; keep one"
        ),
        "{text}"
    );
}

#[test]
fn a_file_variable_gives_the_content_without_its_last_newline() {
    let directory = Directory::new("secrets")
        .with("unix", "1234:geheim\n")
        .with("windows", "https://hooks.example.org/geheim\r\n");
    let (unix, windows) = (directory.file("unix"), directory.file("windows"));
    let seen = read(Environment::new(
        &[
            ("LOGOUT_OPS__TOKEN_FILE", unix.as_str()),
            ("HOOK_WEBHOOK_URL_FILE", windows.as_str()),
        ],
        None,
    ))
    .unwrap();
    assert_eq!(seen.ops.adapter.token.expose(), "1234:geheim");
    assert_eq!(seen.hook.adapter.url.expose().path_and_query(), "/geheim");
}

#[test]
fn a_file_variable_that_cannot_be_followed_is_an_error_without_the_file() {
    let text = error(Environment::new(
        &[
            ("LOGOUT_OPS__TOKEN_FILE", "/nonexistent/geheim"),
            URL,
            ("LOGOUT_HOOK__URL_FILE", "/nonexistent/geheim"),
        ],
        None,
    ));
    assert_eq!(
        text,
        "\
the configuration of Alerts has 2 problems:
  hook.url is wrong: the variables LOGOUT_HOOK__URL and LOGOUT_HOOK__URL_FILE are both set; keep one
  ops.token is wrong: the file that the variable LOGOUT_OPS__TOKEN_FILE names cannot be read: there is no such file"
    );
}

#[cfg(unix)]
#[test]
fn only_our_own_variables_must_be_utf_8() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    let bytes = || OsString::from_vec(b"geheim\xff".to_vec());
    assert!(
        read(
            with_secrets(&[])
                .with("PATH", bytes())
                .with("LOGOUT_PORT", bytes())
        )
        .is_ok()
    );
    let text = error(with_secrets(&[]).with("LOGOUT_RELEASE", bytes()));
    assert!(
        text.ends_with("release is wrong: the variable LOGOUT_RELEASE is not UTF-8"),
        "{text}"
    );
}

#[test]
fn no_slip_in_the_mask_takes_the_default_list_away() {
    for (mask, told) in [
        ("default, iban", None),
        ("iban", None),
        ("Default, iban", None),
        ("DEFAULT", None),
        ("", None),
        ("defaults, iban", Some("did you mean `default`")),
        ("'default'", Some("quotation mark")),
        ("default;iban", Some("not a field's name")),
        ("default iban", Some("not a field's name")),
        (" , ", Some("it is empty")),
        ("-pasword", Some("did you mean `-password`")),
        ("-iban", Some("not in the list")),
    ] {
        let environment = with_secrets(&[("LOGOUT_MASK", mask)]);
        match (read(environment), told) {
            (Ok(seen), None) => {
                let masked = seen.settings.mask.names();
                assert!(masked.iter().any(|name| name == "password"), "{mask}");
            }
            (Err(error), Some(told)) => {
                let [problem] = error.problems() else {
                    panic!("{error}");
                };
                assert_eq!(problem.key(), Some("mask"));
                assert_eq!(problem.place(), Some("variable LOGOUT_MASK"));
                assert!(problem.text().contains(told), "{mask}: {error}");
            }
            (read, told) => panic!("{mask}: {:?}, and not {told:?}", read.is_ok()),
        }
    }
}

#[test]
fn what_env_files_and_editors_leave_around_a_value_does_no_harm() {
    let url = "\u{feff} https://hooks.example.org/T0/geheim \n";
    let token = "\t123456:geheim\u{feff}";
    let seen = read(Environment::new(
        &[("LOGOUT_HOOK__URL", url), ("LOGOUT_OPS__TOKEN", token)],
        None,
    ))
    .unwrap();
    let url = seen.hook.adapter.url.expose().as_str().to_owned();
    assert_eq!(url, "https://hooks.example.org/T0/geheim");
    assert_eq!(seen.ops.adapter.token.expose(), "123456:geheim");
}

#[test]
fn quotes_that_docker_keeps_are_told() {
    for (variable, key, value) in [
        (
            "LOGOUT_HOOK__URL",
            "hook.url",
            "\"https://hooks.example.org/T0/geheim\"",
        ),
        (
            "LOGOUT_HOOK__URL",
            "hook.url",
            "'https://hooks.example.org/T0/geheim",
        ),
        ("LOGOUT_OPS__TOKEN", "ops.token", "'geheim'"),
        ("LOGOUT_LEVEL", "level", "\"error\""),
        ("LOGOUT_PROJECT_NAME", "project_name", " \"My App\" "),
    ] {
        let mut variables = vec![URL, TOKEN];
        variables.retain(|(name, _)| *name != variable);
        variables.push((variable, value));
        let error = read(Environment::new(&variables, None)).unwrap_err();
        let [problem] = error.problems() else {
            panic!("{error}");
        };
        assert_eq!(
            problem.text(),
            format!(
                "{key} is wrong (variable {variable}): it begins with a quotation mark; remove the quotes"
            )
        );
        assert_eq!(problem.key(), Some(key));
    }
}

#[test]
fn an_empty_file_variable_is_absent() {
    for empty in ["", " "] {
        let seen = read(with_secrets(&[
            ("LOGOUT_HOOK__URL_FILE", empty),
            ("LOGOUT_RELEASE_FILE", empty),
        ]));
        assert_eq!(seen.unwrap().settings.release, "0.1.0");
    }
    let directory = Directory::new("empty").with("token", "123456:geheim\r\n");
    let file = directory.file("token");
    let seen = read(Environment::new(
        &[
            URL,
            ("LOGOUT_OPS__TOKEN", ""),
            ("LOGOUT_OPS__TOKEN_FILE", &file),
        ],
        None,
    ));
    assert_eq!(seen.unwrap().ops.adapter.token.expose(), "123456:geheim");
}
