//! The values in the block, and other values beside them.

use figment::providers::Serialized;
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use tracing::level_filters::LevelFilter;

use super::{Alerts, Mode, TOKEN, URL, read, seen, with_secrets};
use crate::config::FieldSelection;
use crate::config::environment::Environment;
use crate::config::{Section, from_figment};
use crate::transport::{Secret, Url};
use crate::worker::dispatch::Dispatcher as _;

#[test]
fn the_block_stands_where_nothing_else_says_anything() {
    let seen = read(with_secrets(&[])).unwrap();
    assert_eq!(seen.settings.project_name, "shop");
    assert_eq!(seen.settings.release, "0.1.0");
    assert_eq!(seen.settings.level, LevelFilter::WARN);
    assert_eq!(seen.settings.metadata, FieldSelection::All);
    assert_eq!(seen.hook.adapter.channel, "#block");
    assert_eq!(seen.hook.settings.level, LevelFilter::WARN);
    assert_eq!(seen.ops.settings.level, LevelFilter::ERROR);
    assert_eq!(seen.ops.adapter.thread, Some(7));
    assert_eq!(seen.ops.adapter.server.host(), "chat.example.org");
    assert!(seen.settings.notes.is_empty());
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
fn the_token_in_a_secret_address_is_scrubbed_from_other_addresses_too() {
    let seen = read(Environment::new(
        &[
            TOKEN,
            (
                "LOGOUT_HOOK__URL",
                "https://hooks.example.org/webhooks/T0/Geheim1234567890\n",
            ),
        ],
        None,
    ))
    .unwrap();
    let secrets = seen.hook.settings.secrets;
    let secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
    assert_eq!(
        secrets,
        [
            "https://hooks.example.org/webhooks/T0/Geheim1234567890",
            "Geheim1234567890"
        ]
    );
}

#[test]
fn the_line_break_that_echo_adds_is_no_part_of_a_secret() {
    let seen = read(Environment::new(
        &[URL, ("LOGOUT_OPS__TOKEN", "12345:geheim\n")],
        None,
    ));
    assert_eq!(seen.unwrap().ops.adapter.token.expose(), "12345:geheim");
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
fn the_programs_own_figment_replaces_file_and_environment() {
    let figment = Figment::new()
        .merge(Serialized::default("hook.url", URL.1))
        .merge(Serialized::default("ops.token", TOKEN.1))
        .merge(Serialized::default("release", "a").profile("production"))
        .merge(Serialized::global("unrelated", "x"))
        .select(Profile::new("production"));
    let (_, settings) = from_figment(Alerts::read, figment).unwrap();
    assert!(
        settings.notes.is_empty(),
        "what is not ours is not looked at"
    );

    let figment = Figment::new()
        .merge(Serialized::default("hook.url", URL.1))
        .merge(Serialized::default("release", "a").profile("production"))
        .select(Profile::new("production"));
    let error = from_figment(Alerts::read, figment.clone())
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "the configuration of Alerts has a problem: ops.token is missing: add it to the figment that the program gives"
    );
    let figment = figment.merge(Serialized::default("ops.token", TOKEN.1));
    let seen = from_figment(Alerts::read, figment).map(seen).unwrap();
    assert_eq!(seen.settings.release, "a");
}

#[expect(dead_code, reason = "only its type is looked at")]
fn a_literal_fits_every_type_of_option(section: &mut Section<'_>) {
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

#[test]
fn a_figment_that_cannot_be_read_is_told_by_its_position() {
    use figment::providers::{Format as _, Toml};

    let figment = Figment::from(Toml::string("level = 'error'\nrelease = geheim"));
    let error = from_figment(Alerts::read, figment).unwrap_err().to_string();
    assert_eq!(
        error,
        "the configuration of Alerts has a problem: TOML source string cannot be read: look at line 2, column 11"
    );
}

/// The values that figment's own reader of the environment gets from the variables of Kubernetes.
struct Ambient;

impl Provider for Ambient {
    fn metadata(&self) -> Metadata {
        Metadata::named("`LOGOUT_` environment variable(s)")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let dict = Dict::from([
            ("port".to_owned(), Value::from(80)),
            ("hook".to_owned(), Value::from("tcp://10.0.0.1:80")),
            ("enabled".to_owned(), Value::from("false")),
        ]);
        Ok(Profile::Default.collect(dict))
    }
}

#[test]
fn what_figments_own_environment_brings_along_is_ignored() {
    let (_, settings) = from_figment(Alerts::read, Ambient).unwrap();
    assert!(!settings.enabled);
}
