//! Adapters of every shape that serde can express.

use std::collections::BTreeMap;
use std::str::FromStr;

use figment::value::{Dict, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::block::keys::KeyKind;
use crate::config::context::Context;
use crate::config::fields::{Field, fields};
use crate::config::instance_deserializer::deserialize;
use crate::config::value_error::{KeyError, ValueError};
use crate::transport::url::SecretUrl;
use crate::transport::{Secret, Url};

/// A type with a form of its own, whose error quotes the value.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
struct Chat(i64);

impl FromStr for Chat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Self)
            .map_err(|_| format!("`{text}` is no chat"))
    }
}

impl TryFrom<String> for Chat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[derive(Debug, Deserialize)]
struct Shapes {
    key: Secret,
    hook: Option<SecretUrl>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(alias = "a_chat", alias = "z_chat")]
    chat: Chat,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    keys: Vec<Secret>,
    #[serde(default)]
    server: Url,
    #[serde(default)]
    ratio: f32,
    #[serde(skip)]
    seen: usize,
}

#[derive(Debug, Deserialize)]
struct Flat {
    url: SecretUrl,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Wrapped(Inner);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Inner {
    token: Secret,
    port: u16,
}

fn read<T: DeserializeOwned>(
    dict: &Dict,
    later: &[&str],
    context: &Context,
) -> Result<T, Vec<KeyError>> {
    deserialize(dict, fields::<T>().as_deref(), later, context)
}

fn dict(pairs: &[(&str, &str)]) -> Dict {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
        .collect()
}

fn field<'f>(fields: &'f [Field], name: &str) -> &'f Field {
    fields.iter().find(|field| field.name == name).unwrap()
}

fn told(wrong: &[KeyError]) -> Vec<String> {
    let told = wrong.iter().map(|wrong| {
        format!(
            "{}: {}",
            wrong.key.as_deref().unwrap_or_default(),
            wrong.error
        )
    });
    told.collect()
}

#[test]
fn fields_are_read_off_the_deserializer() {
    let fields = fields::<Shapes>().unwrap();
    let names: Vec<_> = fields.iter().map(|field| field.name).collect();
    assert_eq!(
        names,
        [
            "key", "hook", "type", "chat", "headers", "keys", "server", "ratio"
        ]
    );
    let kinds: Vec<_> = fields.iter().map(|field| field.kind).collect();
    assert_eq!(
        kinds,
        [
            KeyKind::Secret,
            KeyKind::SecretUrl,
            KeyKind::Text,
            KeyKind::Text,
            KeyKind::Table,
            KeyKind::List,
            KeyKind::Url,
            KeyKind::Number,
        ]
    );
    let names_where = |is: fn(&Field) -> bool| -> Vec<_> {
        fields
            .iter()
            .filter(|field| is(field))
            .map(|field| field.name)
            .collect()
    };
    assert_eq!(names_where(|field| field.required), ["key", "type", "chat"]);
    assert_eq!(names_where(|field| field.secret), ["key", "hook", "keys"]);
    assert_eq!(names_where(|field| field.optional), ["hook"]);
    assert_eq!(names_where(Field::is_required_secret), ["key"]);
    assert_eq!(field(&fields, "chat").aliases, ["a_chat", "z_chat"]);
}

#[test]
fn a_wrapped_adapter_has_the_fields_of_what_it_wraps() {
    let fields = fields::<Wrapped>().unwrap();
    assert_eq!(fields.len(), 2);
    assert!(field(&fields, "token").is_required_secret());
    let context = Context::default();
    let read: Wrapped = read(
        &dict(&[("token", "t"), ("port", "8080"), ("stray", "x")]),
        &[],
        &context,
    )
    .unwrap();
    assert_eq!((read.0.token.expose(), read.0.port), ("t", 8080));
}

#[test]
fn a_secret_is_missing_even_where_the_struct_has_a_default() {
    let context = Context::default();
    let wrong = read::<Inner>(&dict(&[("port", "-1")]), &["token"], &context).unwrap_err();
    assert_eq!(
        told(&wrong),
        [
            "token: it lacks `token`",
            "port: expected a whole number from 0 to 65535"
        ]
    );
}

#[test]
fn every_wrong_field_is_told_and_none_is_quoted() {
    let given = dict(&[
        ("key", "hunter2"),
        ("hook", "hunter2"),
        ("z_chat", "12345678901234567890"),
        ("headers", "hunter2"),
        ("ratio", "hunter2"),
    ]);
    let wrong = read::<Shapes>(&given, &[], &Context::default()).unwrap_err();
    assert_eq!(
        told(&wrong),
        [
            "hook: it has no scheme; write `https://…`",
            "type: it lacks `type`",
            "z_chat: `…` is no chat",
            "headers: expected a table",
            "ratio: expected a number",
        ]
    );
}

#[test]
fn keys_that_the_block_gives_may_be_absent() {
    let context = Context::default();
    let read: Shapes = read(&dict(&[("key", "k")]), &["type", "chat"], &context).unwrap();
    assert_eq!((read.key.expose(), read.seen), ("k", 0));
    assert!(read.hook.is_none() && read.headers.is_empty() && read.keys.is_empty());
    assert_eq!((read.server, read.ratio.to_bits()), (Url::default(), 0));
    // Placeholders until the block's own values are assigned.
    assert_eq!((read.kind.as_str(), read.chat), ("", Chat(1)));
}

#[test]
fn an_adapter_that_hides_its_fields_is_given_everything() {
    assert_eq!(fields::<Flat>(), None);
    let context = Context::default();
    let given = dict(&[
        ("url", "https://example.org/x"),
        ("colour", "red"),
        ("deep_key", "Geheim1234567890"),
    ]);
    let read_flat: Flat = read(&given, &[], &context).unwrap();
    assert_eq!(read_flat.url.expose().host(), "example.org");
    assert_eq!(
        read_flat.rest.get("colour").map(String::as_str),
        Some("red")
    );
    let secrets = context.into_secrets();
    let secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
    assert_eq!(secrets, ["Geheim1234567890", "https://example.org/x"]);
    let wrong = read::<Flat>(&dict(&[("colour", "red")]), &[], &Context::default()).unwrap_err();
    assert_eq!(
        wrong,
        [KeyError {
            key: Some("url".to_owned()),
            error: ValueError::Missing("url")
        }]
    );
}

#[test]
fn secrets_are_collected_at_any_depth_and_once() {
    let context = Context::default();
    let given = dict(&[
        ("key", "one"),
        ("type", ""),
        ("chat", "1"),
        ("keys", "one, two"),
    ]);
    let read: Shapes = read(&given, &[], &context).unwrap();
    assert_eq!(read.keys.len(), 2);
    let secrets = context.into_secrets();
    let secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
    assert_eq!(secrets, ["one", "two"]);
}
