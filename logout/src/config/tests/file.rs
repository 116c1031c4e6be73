//! `logout.toml`.

use super::{Directory, TOKEN, URL, error, read, with_file};
use crate::config::environment::Environment;
use crate::config::settings::Settings;

#[test]
fn the_nearest_file_upwards_is_read_with_its_chosen_profile() {
    let directory = Directory::new("upwards").with(
        "logout.toml",
        r##"
            release = "a"
            environment = "b"
            [hook]
            channel = "#file"
            [production]
            release = "c"
            [production.hook]
            channel = "#production"
            [staging.ops]
            loud = true
        "##,
    );
    let below = directory.0.join("src/deep");
    std::fs::create_dir_all(&below).unwrap();
    let environment =
        |profile| Environment::new(&[URL, TOKEN, ("LOGOUT_PROFILE", profile)], Some(&below));
    let chosen = |profile| {
        let seen = read(environment(profile)).unwrap();
        let Settings {
            release,
            environment,
            notes,
            ..
        } = seen.settings;
        (
            release,
            environment,
            seen.hook.adapter.channel,
            seen.ops.adapter.loud,
            notes.len(),
        )
    };
    let told = |release: &str, channel: &str, loud, notes| {
        (
            release.to_owned(),
            "b".to_owned(),
            channel.to_owned(),
            loud,
            notes,
        )
    };
    assert_eq!(chosen(""), told("a", "#file", false, 0));
    assert_eq!(chosen("Production"), told("c", "#production", false, 0));
    assert_eq!(chosen("staging"), told("a", "#file", true, 0));
    assert_eq!(chosen("stagin"), told("a", "#file", false, 1));
}

#[test]
fn unknown_keys_of_a_file_are_errors_with_the_nearest_name() {
    let directory = Directory::new("unknown").with(
        "logout.toml",
        r#"
            levle = "geheim"
            [hok]
            level = "error"
            [hook]
            ulr = "geheim"
            [other]
            host = "geheim"
        "#,
    );
    let file = directory.file("logout.toml");
    let text = error(with_file(&directory, &[]));
    for line in [
        format!("\n  levle is unknown ({file}): did you mean `level`"),
        format!("\n  hok is unknown ({file}): did you mean `hook`"),
        format!("\n  hook.ulr is unknown ({file}): did you mean `url`"),
        format!("\n  other is unknown ({file}): known are `hook` and `ops`"),
    ] {
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    assert!(text.contains("has 4 problems"), "{text}");
}

#[test]
fn malformed_toml_is_told_by_line_and_column_only() {
    let directory = Directory::new("malformed")
        .with("logout.toml", "[hook]\nurl = \"https://geheim\nlevel = 1");
    let text = error(with_file(&directory, &[]));
    let file = directory.file("logout.toml");
    assert!(
        text.contains(&format!("{file} is not valid TOML: look at line 2, column")),
        "{text}"
    );
}

#[test]
fn a_file_that_is_no_text_is_an_error() {
    let directory = Directory::new("bytes").with("logout.toml", b"level = \"\xff\"");
    let text = error(with_file(&directory, &[]));
    assert!(text.ends_with("logout.toml is not UTF-8"), "{text}");
}

#[test]
fn wrong_types_in_a_file_name_what_was_expected() {
    let directory = Directory::new("types").with(
        "logout.toml",
        "release = 1.10\nenvironment = 2026-01-01\ntruncate = -1\n[ops]\nchat_id = 1.5\nloud = 3\ntags = {}\nthread = 12345678901234567890.0",
    );
    let text = error(with_file(&directory, &[]));
    for line in [
        "release is wrong (FILE): expected text, but a number loses its form (1.10 becomes 1.1): put it in quotes",
        "environment is wrong (FILE): expected text, but this is a date: put it in quotes",
        "truncate is wrong (FILE): expected a number of bytes or `infinity`",
        "ops.chat_id is wrong (FILE): expected text, but a number",
        "ops.loud is wrong (FILE): expected `true` or `false`",
        "ops.tags is wrong (FILE): expected a list (in a variable: `a, b, c`)",
        "ops.thread is wrong (FILE): expected a whole number of at most 18 digits",
    ] {
        let line = line.replace("FILE", &directory.file("logout.toml"));
        assert!(text.contains(&line), "{line} is not in {text}");
    }
}

#[test]
fn a_whole_number_in_a_file_is_the_text_of_a_chat() {
    let directory = Directory::new("chat").with("logout.toml", "[ops]\nchat = -100123\n");
    let seen = read(with_file(&directory, &[])).unwrap();
    assert_eq!(seen.ops.adapter.chat_id, "-100123");
}

#[test]
fn a_profile_that_the_file_does_not_have_is_noted_with_those_it_has() {
    let directory = Directory::new("profiles").with(
        "logout.toml",
        "[production]\nlevel = 'error'\n[staging.ops]\nloud = true\n[hok]\nrelease = 'a'",
    );
    let seen = read(with_file(&directory, &[("LOGOUT_PROFILE", "geheim")])).unwrap();
    assert_eq!(
        seen.settings.notes,
        [format!(
            "{} does not have the profile that LOGOUT_PROFILE names; it has `hok`, `production` and `staging`",
            directory.file("logout.toml")
        )]
    );
}

#[test]
fn a_broken_file_does_not_keep_logout_from_being_turned_off() {
    let directory = Directory::new("broken").with("logout.toml", "[");
    let seen = read(with_file(&directory, &[("LOGOUT_ENABLED", "false")])).unwrap();
    assert!(!seen.settings.enabled);
}
