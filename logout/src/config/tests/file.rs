//! `logout.toml`.

use super::{Directory, TOKEN, URL, error, read, read_again, with_file};
use crate::config::environment::Environment;
use crate::config::settings::Settings;

#[test]
fn the_file_is_read_with_its_chosen_profile() {
    let directory = Directory::new("profile").with(
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
    let environment = |profile| with_file(&directory, &[("LOGOUT_PROFILE", profile)]);
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
    assert_eq!(chosen("default"), told("a", "#file", false, 0));
    assert_eq!(chosen("Production"), told("c", "#production", false, 0));
    assert_eq!(chosen("staging"), told("a", "#file", true, 0));
    assert_eq!(chosen("stagin"), told("a", "#file", false, 1));
}

#[test]
fn a_file_of_a_directory_above_is_none() {
    let directory = Directory::new("above").with("logout.toml", "release = 'a'");
    let below = directory.0.join("src");
    std::fs::create_dir_all(&below).unwrap();
    let here = |directory| Environment::new(&[URL, TOKEN], Some(directory));
    assert_eq!(read(here(&below)).unwrap().settings.release, "0.1.0");
    let settings = read(here(&directory.0)).unwrap().settings;
    assert_eq!(settings.release, "a");
}

#[test]
fn a_variable_names_the_file() {
    let directory = Directory::new("named")
        .with("logout.toml", "release = 'a'")
        .with("ours.toml", "\u{feff}release = 'b'");
    let ours = directory.file("ours.toml");
    for named in [ours.as_str(), "ours.toml"] {
        let settings = read(with_file(&directory, &[("LOGOUT_CONFIG", named)]));
        assert_eq!(settings.unwrap().settings.release, "b");
    }
    let settings = read(with_file(&directory, &[("LOGOUT_CONFIG", " ")]));
    assert_eq!(settings.unwrap().settings.release, "a");
    let text = error(with_file(&directory, &[("LOGOUT_CONFIG", "gone.toml")]));
    let gone = directory.file("gone.toml");
    assert!(
        text.ends_with(&format!("{gone} cannot be read: there is no such file")),
        "{text}"
    );
}

#[test]
fn the_file_of_the_start_is_read_again_and_is_an_error_where_it_is_gone() {
    let directory = Directory::new("again").with("logout.toml", "release = 'a'");
    let elsewhere = Directory::new("elsewhere").with("logout.toml", "release = 'stranger'");
    let first = read(with_file(&directory, &[])).unwrap();
    let again = || {
        let environment = with_file(&elsewhere, &[]);
        read_again(environment, &first.settings.file)
    };
    assert_eq!(again().unwrap().settings.release, "a");
    std::fs::remove_file(directory.0.join("logout.toml")).unwrap();
    let text = again().unwrap_err().to_string();
    assert!(
        text.contains("cannot be read: there is no such file"),
        "{text}"
    );

    // A missing file is looked for again in the same place.
    let none = read(with_file(&directory, &[])).unwrap();
    let directory = directory.with("logout.toml", "release = 'b'");
    let file = none.settings.file;
    let environment = with_file(&elsewhere, &[]);
    let read = read_again(environment, &file);
    assert_eq!(read.unwrap().settings.release, "b");
    drop(directory);
}

#[cfg(unix)]
#[test]
fn a_file_that_a_stranger_owns_or_may_write_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    let directory = Directory::new("stranger").with("logout.toml", "[ops]\nloud = true");
    let file = directory.0.join("logout.toml");
    let mode = |mode| {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(0o664);
    assert!(read(with_file(&directory, &[])).unwrap().ops.adapter.loud);
    mode(0o666);
    let text = error(with_file(&directory, &[]));
    assert!(
        text.contains("logout.toml can be written by every user"),
        "{text}"
    );
    mode(0o644);
    // Only root may change a file's owner.
    if chown(&file, Some(65_534), None).is_ok() {
        let text = error(with_file(&directory, &[]));
        assert!(text.contains("belongs to another user (65534)"), "{text}");
    }
}

#[test]
fn a_table_that_nothing_reads_is_an_error_with_a_hint() {
    let directory = Directory::new("tables").with(
        "logout.toml",
        "[logout]\ndry_run = true\n[logout.hook]\nlevel = 'error'\n[alerts]\nlevel = 'error'\n[staging]\nrelease = 'a'",
    );
    let problems = |variables: &[(&str, &str)]| {
        let error = read(with_file(&directory, variables)).unwrap_err();
        let problems = error.problems().iter();
        problems
            .map(|problem| (problem.key().unwrap().to_owned(), problem.text().to_owned()))
            .collect::<Vec<_>>()
    };
    let found = problems(&[]);
    let keys: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["alerts", "logout", "staging"]);
    let file = directory.file("logout.toml");
    assert_eq!(
        found[1].1,
        format!(
            "the table `[logout]` means nothing ({file}): write its keys at the top of the file, without `[logout]`, and its tables as `[name]`"
        )
    );
    assert_eq!(
        found[2].1,
        format!(
            "the table `[staging]` means nothing ({file}): if it is a profile, set LOGOUT_PROFILE=staging, or put the other settings under `[default]`; if not, write its keys at the top of the file"
        )
    );
    // If a profile is chosen, the others are profiles too.
    let found = problems(&[("LOGOUT_PROFILE", "staging")]);
    assert_eq!(found.len(), 2, "{found:?}");
    let found = problems(&[("LOGOUT_PROFILE", "logout")]);
    assert_eq!(found.len(), 1, "{found:?}");

    let directory = Directory::new("default").with(
        "logout.toml",
        "[default]\nrelease = 'a'\n[staging]\nrelease = 'b'",
    );
    for (profile, release) in [("", "a"), ("default", "a"), ("staging", "b")] {
        let settings = read(with_file(&directory, &[("LOGOUT_PROFILE", profile)]));
        assert_eq!(settings.unwrap().settings.release, release);
    }
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
fn malformed_toml_is_told_with_what_to_write_and_without_a_word_of_it() {
    for (written, told) in [
        (
            "level = geheim",
            "line 1, column 9; write text in quotes: `level = \"warn\"`",
        ),
        (
            "level = “geheim”",
            "; write text in quotes: `level = \"warn\"`",
        ),
        (
            "[hook]\nurl = https://geheim",
            "; write text in quotes: `level = \"warn\"`",
        ),
        (
            "level = \"geheim\nspans = 1",
            "; text ends with a quotation mark on the line where it begins",
        ),
        (
            "hook:\n  url: geheim",
            "; write a key as `level = \"warn\"`, and a table as `[slack]`",
        ),
        (
            "level = \"warn\"\nlevel = \"off\"",
            "line 2, column 1; this key or table is there twice",
        ),
    ] {
        let directory = Directory::new("reason").with("logout.toml", written);
        let text = error(with_file(&directory, &[]));
        assert!(text.contains(told), "{told} is not in {text}");
        assert!(!text.contains("geheim"), "{text}");
    }
}

#[test]
fn an_instance_is_a_table_even_where_a_variable_gives_the_rest() {
    for written in ["ops = \"hook\"", "ops = true", "[[ops]]\nlevel = \"error\""] {
        let directory = Directory::new("table").with("logout.toml", written);
        let text = error(with_file(&directory, &[]));
        let told = "): expected a table of settings, which begins with `[ops]`";
        assert!(text.contains("ops is wrong ("), "{text}");
        assert!(text.ends_with(told), "{text}");
    }
}

#[test]
fn what_a_file_cannot_set_is_told_with_where_it_is_set() {
    let directory = Directory::new("block").with(
        "logout.toml",
        "trail = 20\nLOGOUT_LEVEL = \"error\"\nLOGOUT_OPS__LEVEL = \"error\"",
    );
    let text = error(with_file(&directory, &[]));
    let file = directory.file("logout.toml");
    for line in [
        format!("trail is unknown ({file}): it is set in the `logout!` block"),
        format!("LOGOUT_LEVEL is unknown ({file}): this is a variable; in a file write `level`"),
        format!(
            "LOGOUT_OPS__LEVEL is unknown ({file}): this is a variable; in a file write `ops.level`"
        ),
    ] {
        assert!(text.contains(&line), "{line} is not in {text}");
    }
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
        "truncate is wrong (FILE): expected a size such as `8192`, `8 KiB` or `16 MiB`, with the units",
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
