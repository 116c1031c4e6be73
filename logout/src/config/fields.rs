//! The fields of a type, read from its deserializer.
//!
//! Serde shows a deserializer the names of a struct's fields and, one at a time, the types it
//! asks for. Nothing else is needed to know an adapter's keys, so an adapter of the program's own
//! declares them once, as fields.

use serde::de::DeserializeOwned;

use super::field_probe::{Observed, PLACEHOLDERS, Placeholder};
use super::key_table::{KeyTable, TryDeserialize, try_deserialize};
use super::value_deserializer::ValueDeserializer;
use super::value_error::ValueError;
use crate::block::keys::KeyKind;

/// A field of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// Other names under which the same field can be given.
    pub(crate) aliases: Vec<&'static str>,
    pub(crate) kind: KeyKind,
    /// Whether it holds a secret, at any depth.
    pub(crate) secret: bool,
    /// Whether it is an `Option`.
    pub(crate) optional: bool,
    /// Whether reading fails without it.
    pub(crate) required: bool,
    /// A text to put in its place while the real value is not known.
    pub(crate) placeholder: Option<&'static str>,
}

impl Field {
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Returns whether `key` is the name of a field.
    pub(crate) fn has_name(&self, key: &str) -> bool {
        self.names().any(|name| name == key)
    }

    /// Returns whether it is a secret that must be given, even if the struct has a default.
    pub(crate) fn is_required_secret(&self) -> bool {
        matches!(self.kind, KeyKind::Secret | KeyKind::SecretUrl) && !self.optional
    }
}

/// Returns the fields of `T`; `None` if `T` does not announce them (a flattened struct, say).
pub(crate) fn fields<T: DeserializeOwned>() -> Option<Vec<Field>> {
    fields_by(try_deserialize::<T>)
}

fn fields_by(try_deserialize: TryDeserialize) -> Option<Vec<Field>> {
    let empty = KeyTable::new(Vec::new());
    // Whether it can do without a value is found out later.
    let _ = try_deserialize(&empty).is_ok();
    let names = empty.field_names()?;
    let mut fields: Vec<Field> = Vec::with_capacity(names.len());
    for name in names.iter().copied() {
        let same = fields
            .iter_mut()
            .find_map(|field| Some((main_name(try_deserialize, field, name)?, field)));
        match same {
            Some((main, field)) if main == name => {
                field.aliases.push(field.name);
                field.name = name;
            }
            Some((_, field)) => field.aliases.push(name),
            None => fields.push(probe_field(try_deserialize, name)),
        }
    }
    mark_required(try_deserialize, &mut fields);
    Some(fields)
}

/// Finds out what kind of value the field `name` takes.
fn probe_field(try_deserialize: TryDeserialize, name: &'static str) -> Field {
    let observed = Observed::default();
    let placeholder = PLACEHOLDERS.iter().copied().find(|text| {
        let placeholder = Placeholder {
            text,
            observed: &observed,
        };
        KeyTable::new(vec![(name, ValueDeserializer::Placeholder(placeholder))])
            .value_error(try_deserialize)
            .is_none()
    });
    Field {
        name,
        aliases: Vec::new(),
        kind: observed.kind.get().unwrap_or_default(),
        secret: observed.secret.get(),
        optional: observed.optional.get(),
        required: false,
        placeholder,
    }
}

/// Returns the field's main name if `name` is an alias of it.
///
/// Serde announces aliases like names; only its error when both are given distinguishes them.
fn main_name(
    try_deserialize: TryDeserialize,
    field: &Field,
    name: &'static str,
) -> Option<&'static str> {
    let observed = Observed::default();
    let text = field.placeholder?;
    let value = ValueDeserializer::Placeholder(Placeholder {
        text,
        observed: &observed,
    });
    match try_deserialize(&KeyTable::new(vec![(field.name, value), (name, value)])) {
        Err(ValueError::Duplicate(main)) => Some(main),
        _ => None,
    }
}

/// Marks the fields without which the type cannot be read.
fn mark_required(try_deserialize: TryDeserialize, fields: &mut [Field]) {
    let observed = Observed::default();
    for _ in 0..fields.len() {
        let given = fields
            .iter()
            .filter(|field| field.required)
            .filter_map(|field| {
                let text = field.placeholder?;
                Some((
                    field.name,
                    ValueDeserializer::Placeholder(Placeholder {
                        text,
                        observed: &observed,
                    }),
                ))
            });
        let Err(ValueError::Missing(key)) = try_deserialize(&KeyTable::new(given.collect())) else {
            return;
        };
        let Some(field) = fields
            .iter_mut()
            .find(|field| !field.required && field.has_name(key))
        else {
            return;
        };
        field.required = true;
    }
}
