//! A block as the macro would write it, read from made-up environments and files.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::providers::Serialized;
use figment::{Figment, Profile};
use serde::Deserialize;
use tracing::level_filters::LevelFilter;

use super::environment::Environment;
use super::settings::{Settings, Shown};
use super::{Config, from_environment, from_figment};
use crate::adapter::{Adapter, Step};
use crate::block::{Block, Declaration};
use crate::dispatch::{Configured, Dispatch, Instance};
use crate::lane::Desk;
use crate::{Error, Notice, Request, Secret, SecretUrl, Transport, Url};

mod traps;

#[derive(Clone, Debug, Default, Deserialize)]
struct Hook {
    url: SecretUrl,
    #[serde(default)]
    channel: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Bot {
    token: Secret,
    #[serde(alias = "chat")]
    chat_id: String,
    thread: Option<i64>,
    server: Url,
    tags: Vec<String>,
    loud: bool,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Markdown,
    Html,
}

impl Adapter for Hook {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("HOOK_WEBHOOK_URL", "url")];

    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}

    fn check(&self) -> Result<(), String> {
        match self.channel.as_str() {
            "nowhere" => Err(format!(
                "its channel does not fit {}",
                self.url.expose().as_str()
            )),
            _ => Ok(()),
        }
    }
}

impl Adapter for Bot {
    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}
}

/// `adapters: [Hook { channel: "#block" }, ops: Bot { level: ERROR, thread: 7, server: "…" }]`
#[derive(Debug)]
struct Alerts {
    hook: Instance<Hook>,
    ops: Instance<Bot>,
}

impl Dispatch for Alerts {
    const BLOCK: Block = Block::new(
        "Alerts",
        "shop",
        &[
            Declaration::new("hook", true),
            Declaration::new("ops", false).level(LevelFilter::ERROR),
        ],
    )
    .release("0.1.0");

    type Instance = usize;

    fn index(instance: usize) -> usize {
        instance
    }

    fn read(config: &mut Config) -> Self {
        let hook = {
            let mut section = config.section(0, &["channel"]);
            let mut adapter: Hook = section.adapter();
            section.option("channel", &mut adapter.channel, "#block");
            section.instance(adapter)
        };
        let ops = {
            let mut section = config.section(1, &["thread", "server"]);
            let mut adapter: Bot = section.adapter();
            section.option("thread", &mut adapter.thread, 7);
            section.option("server", &mut adapter.server, "https://chat.example.org");
            section.instance(adapter)
        };
        Self { hook, ops }
    }

    async fn run<T: Transport>(&self, _: &Desk<T>) {}

    fn succeed(&self, next: &Self) {
        self.hook.succeed(&next.hook);
        self.ops.succeed(&next.ops);
    }
}

/// What was read.
#[derive(Debug)]
struct Seen {
    settings: Settings,
    hook: Configured<Hook>,
    ops: Configured<Bot>,
}

fn seen((alerts, settings): (Alerts, Settings)) -> Seen {
    Seen {
        settings,
        hook: alerts.hook.take().unwrap(),
        ops: alerts.ops.take().unwrap(),
    }
}

const URL: (&str, &str) = ("LOGOUT_HOOK__URL", "https://hooks.example.org/T0/geheim");
const TOKEN: (&str, &str) = ("LOGOUT_OPS__TOKEN", "123456:geheim");

fn with_secrets(variables: &[(&'static str, &'static str)]) -> Environment {
    Environment::new(&[&[URL, TOKEN], variables].concat(), None)
}

fn read(environment: Environment) -> Result<Seen, Error> {
    from_environment::<Alerts>(environment).map(seen)
}

/// A directory of the test's own, gone when the test ends.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("logout-config-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.join(file), text).unwrap();
        self
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn with_file(directory: &Directory, variables: &[(&str, &str)]) -> Environment {
    Environment::new(&[&[URL, TOKEN], variables].concat(), Some(&directory.0))
}

#[track_caller]
fn error(environment: Environment) -> String {
    let text = read(environment).unwrap_err().to_string();
    assert!(!text.contains("geheim"), "{text}");
    text
}

#[test]
fn the_block_stands_where_nothing_else_says_anything() {
    let seen = read(with_secrets(&[])).unwrap();
    assert_eq!(seen.settings.project_name, "shop");
    assert_eq!(seen.settings.release, "0.1.0");
    assert_eq!(seen.settings.level, LevelFilter::WARN);
    assert_eq!(seen.settings.metadata, Shown::All);
    assert_eq!(seen.hook.adapter.channel, "#block");
    assert_eq!(seen.hook.settings.level, LevelFilter::WARN);
    assert_eq!(seen.ops.settings.level, LevelFilter::ERROR);
    assert_eq!(seen.ops.adapter.thread, Some(7));
    assert_eq!(seen.ops.adapter.server.host(), "chat.example.org");
    assert!(seen.settings.notes.is_empty());
}

#[test]
fn variables_override_options_and_settings() {
    let seen = read(with_secrets(&[
        ("LOGOUT_PROJECT_NAME", "till"),
        ("LOGOUT_LEVEL", "critical"),
        ("LOGOUT_SHUTDOWN_TIMEOUT", "1m 5s"),
        ("LOGOUT_TRUNCATE", "infinity"),
        ("LOGOUT_METADATA", "order, user"),
        ("LOGOUT_MUTE", "3fa9"),
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
        Shown::Only(vec!["order".to_owned(), "user".to_owned()])
    );
    assert_eq!(seen.settings.mute, ["3fa9"]);
    assert_eq!(seen.hook.settings.level, LevelFilter::ERROR);
    assert_eq!(seen.hook.settings.metadata, Shown::All);
    assert_eq!(seen.hook.adapter.channel, "#env");
    let ops = seen.ops.adapter;
    assert_eq!(ops.thread, Some(9));
    assert_eq!(ops.tags, ["a", "b"]);
    assert!(ops.loud);
    assert_eq!(ops.mode, Mode::Html);
    assert_eq!(ops.server.port(), 8080);
}

#[test]
fn every_secret_of_an_instance_is_collected_for_scrubbing() {
    let seen = read(with_secrets(&[])).unwrap();
    let exposed = |secrets: &[Secret]| -> Vec<String> {
        secrets
            .iter()
            .map(|secret| secret.expose().to_owned())
            .collect()
    };
    assert_eq!(exposed(&seen.hook.settings.secrets), [URL.1]);
    assert_eq!(exposed(&seen.ops.settings.secrets), [TOKEN.1]);
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
        format!("\n  other is unknown ({file}): known are `enabled`, "),
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
fn what_is_turned_off_needs_no_secret_and_is_not_judged() {
    let seen = read(Environment::new(
        &[
            URL,
            ("LOGOUT_OPS__ENABLED", "false"),
            ("LOGOUT_OPS__THREAD", "x"),
        ],
        None,
    ))
    .unwrap();
    assert!(seen.hook.settings.enabled && !seen.ops.settings.enabled);

    let seen = read(Environment::new(
        &[
            ("LOGOUT_ENABLED", "off"),
            ("LOGOUT_OPS__THREAD", "x"),
            ("LOGOUT_LEVEL", "x"),
        ],
        None,
    ));
    let seen = seen.unwrap();
    assert!(!seen.settings.enabled && !seen.hook.settings.enabled && !seen.ops.settings.enabled);
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
        text.contains(
            "max_age is wrong (variable LOGOUT_MAX_AGE): expected a span of time above zero"
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
  ops.token is wrong: the file that the variable LOGOUT_OPS__TOKEN_FILE names cannot be read: entity not found"
    );
}

#[cfg(unix)]
#[test]
fn only_our_own_variables_must_be_utf_8() {
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
fn what_an_adapter_says_about_its_settings_is_told_without_secrets() {
    let text = error(with_secrets(&[("LOGOUT_HOOK__CHANNEL", "nowhere")]));
    assert!(
        text.ends_with("hook is wrong: its channel does not fit …"),
        "{text}"
    );
}

#[test]
fn the_programs_own_figment_replaces_file_and_environment() {
    let figment = Figment::new()
        .merge(Serialized::default("hook.url", URL.1))
        .merge(Serialized::default("ops.token", TOKEN.1))
        .merge(Serialized::default("release", "a").profile("production"))
        .merge(Serialized::global("unrelated", "x"))
        .select(Profile::new("production"));
    let error = from_figment::<Alerts>(figment.clone())
        .unwrap_err()
        .to_string();
    assert!(error.contains("unrelated is unknown"), "{error}");

    let figment = Figment::new()
        .merge(Serialized::default("hook.url", URL.1))
        .merge(Serialized::default("release", "a").profile("production"))
        .select(Profile::new("production"));
    let error = from_figment::<Alerts>(figment.clone())
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "the configuration of Alerts has a problem: ops.token is missing: add it to the figment that the program gives"
    );
    let figment = figment.merge(Serialized::default("ops.token", TOKEN.1));
    let seen = from_figment::<Alerts>(figment).map(seen).unwrap();
    assert_eq!(seen.settings.release, "a");
}

#[test]
fn nothing_that_is_printed_in_passing_shows_a_value() {
    let seen = read(with_secrets(&[])).unwrap();
    let mut text = String::new();
    write!(text, "{seen:?}").unwrap();
    assert!(!text.contains("geheim"), "{text}");
}

#[expect(dead_code, reason = "only its type is looked at")]
fn a_literal_fits_every_type_of_option(section: &mut super::Section<'_>) {
    let directory: Option<&Path> = None;
    let _ = directory;
    section.option("", &mut Option::<i64>::None, 123);
    section.option("", &mut 0_u16, 123);
    section.option("", &mut 0.0_f64, 1.5);
    section.option("", &mut String::new(), "text");
    section.option("", &mut Option::<String>::None, "text");
    section.option("", &mut Option::<Url>::None, "https://example.org");
    section.option("", &mut Vec::<String>::new(), ["a", "b"]);
    section.option("", &mut Mode::Html, Mode::Markdown);
    section.option("", &mut Some(Mode::Html), Mode::Markdown);
    section.option("", &mut Option::<i64>::None, None);
}
