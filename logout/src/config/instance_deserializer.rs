//! A deserializer for the keys of one instance, as one struct.

use figment::value::{Dict, Value};
use serde::de::DeserializeOwned;

use super::context::Context;
use super::field_probe::{Observed, Placeholder};
use super::fields::Field;
use super::key_table::{KeyTable, TryDeserialize, try_deserialize};
use super::value::{ValueReader, texts};
use super::value_deserializer::ValueDeserializer;
use super::value_error::{KeyError, ValueError};

/// Reads a `T` with these `fields` from `dict`, or returns everything that is wrong.
#[cfg(any(all(test, feature = "toml"), feature = "testing"))]
pub(crate) fn deserialize<T: DeserializeOwned>(
    dict: &Dict,
    fields: Option<&[Field]>,
    given_later: &[&str],
    context: &Context,
) -> Result<T, Vec<KeyError>> {
    match deserialize_with_placeholders(dict, fields, given_later, context) {
        (Some(value), errors) if errors.is_empty() => Ok(value),
        (_, errors) => Err(errors),
    }
}

/// Reads a `T` with these `fields` from `dict`. What is absent or wrong is returned as errors, and
/// replaced by placeholders if possible.
///
/// Keys in `given_later` are assigned by the caller afterwards, so they need not be there.
pub(crate) fn deserialize_with_placeholders<T: DeserializeOwned>(
    dict: &Dict,
    fields: Option<&[Field]>,
    given_later: &[&str],
    context: &Context,
) -> (Option<T>, Vec<KeyError>) {
    let observed = Observed::default();
    let (table, errors) = match fields {
        Some(fields) => table_of_fields(
            dict,
            fields,
            given_later,
            context,
            &observed,
            try_deserialize::<T>,
        ),
        None => (table_of_all_keys(dict, context), Vec::new()),
    };
    match T::deserialize(&table) {
        Ok(value) => (Some(value), errors),
        Err(error) if errors.is_empty() => {
            (None, vec![error_of_the_whole(error, dict, given_later)])
        }
        Err(_) => (None, errors),
    }
}

/// Returns a value for each of `fields`, each tried by itself, and the errors of the others.
fn table_of_fields<'a>(
    dict: &'a Dict,
    fields: &[Field],
    given_later: &[&str],
    context: &'a Context,
    observed: &'a Observed,
    try_deserialize: TryDeserialize,
) -> (KeyTable<'a>, Vec<KeyError>) {
    let mut errors = Vec::new();
    let mut entries: Vec<(&str, ValueDeserializer<'_>)> = Vec::new();
    for field in fields {
        let given: Vec<_> = field
            .names()
            .filter_map(|name| Some((name, dict.get(name)?)))
            .collect();
        let placeholder = field.placeholder.map(|text| {
            let placeholder = Placeholder { text, observed };
            (field.name, ValueDeserializer::Placeholder(placeholder))
        });
        match given.as_slice() {
            [] if is_missing(field, given_later) => {
                errors.push(KeyError::new(field.name, ValueError::Missing(field.name)));
                entries.extend(placeholder);
            }
            [] if field.required => entries.extend(placeholder),
            [] => {}
            [(name, value)] => {
                let reader = ValueReader::new(value, context, field.secret);
                let entry = (*name, ValueDeserializer::Value(reader));
                match KeyTable::new(vec![entry]).value_error(try_deserialize) {
                    None => entries.push(entry),
                    Some(error) => {
                        errors.push(KeyError::new(name, without_value(error, field, value)));
                        entries.extend(placeholder);
                    }
                }
            }
            [(name, _), (other, _), ..] => {
                let error = ValueError::Message(format!("it is the same as `{other}`; keep one"));
                errors.push(KeyError::new(name, error));
                entries.extend(placeholder);
            }
        }
    }
    (KeyTable::new(entries), errors)
}

/// Returns everything in `dict`, for a type that does not announce its fields.
fn table_of_all_keys<'a>(dict: &'a Dict, context: &'a Context) -> KeyTable<'a> {
    // The type does not say which of the texts are secrets.
    for text in dict.values().flat_map(texts) {
        context.record_token(&text);
    }
    let entries = dict.iter().map(|(key, value)| {
        let reader = ValueReader::new(value, context, true);
        (key.as_str(), ValueDeserializer::Value(reader))
    });
    KeyTable::new(entries.collect())
}

/// Returns the error of a type none of whose values was refused by itself.
fn error_of_the_whole(error: ValueError, dict: &Dict, given_later: &[&str]) -> KeyError {
    match error {
        ValueError::Missing(key) if given_later.contains(&key) => {
            let why = "its field needs `#[serde(default)]` to be given in the block";
            KeyError::new(key, ValueError::Message(why.to_owned()))
        }
        ValueError::Missing(key) => KeyError::new(key, error),
        _ => KeyError {
            key: None,
            error: error.without_values(&dict.values().flat_map(texts).collect::<Vec<_>>()),
        },
    }
}

/// Returns whether an absent field is a mistake. A secret always is: the struct's default would be
/// an empty one.
fn is_missing(field: &Field, given_later: &[&str]) -> bool {
    field.is_required_secret()
        || (field.required && !field.names().any(|name| given_later.contains(&name)))
}

/// Returns `error` without the value; an adapter's error about a secret is left out completely.
fn without_value(error: ValueError, field: &Field, value: &Value) -> ValueError {
    match error {
        ValueError::FromAdapter(_) if field.secret => {
            ValueError::Message("it is not accepted".to_owned())
        }
        error => error.without_values(&texts(value)),
    }
}
