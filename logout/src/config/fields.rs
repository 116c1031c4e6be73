//! What settings a type takes, read off its own deserializer.
//!
//! Serde shows a deserializer the names of a struct's fields and, one at a time, the types it
//! asks for. Nothing else is needed to know an adapter's keys, so an adapter of the program's own
//! declares them once, as fields.

use serde::de::DeserializeOwned;

use super::field_probe::{STAND_INS, Seen, StandIn};
use super::instance_deserializer::{Table, Trial, trial};
use super::value_deserializer::Answer;
use super::value_error::ValueError;
pub(crate) use crate::block::keys::KeyKind as Kind;

/// One setting of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// Other names under which the same field can be given.
    pub(crate) aliases: Vec<&'static str>,
    pub(crate) kind: Kind,
    /// Whether it holds a secret, at any depth.
    pub(crate) secret: bool,
    /// Whether the type has a place for its absence.
    pub(crate) optional: bool,
    /// Whether reading fails without it.
    pub(crate) required: bool,
    /// A text that can stand where the field's real value is not known yet.
    pub(crate) stand_in: Option<&'static str>,
}

impl Field {
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Whether it is a secret that cannot be absent, whatever default the struct has.
    pub(crate) fn is_required_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::SecretUrl) && !self.optional
    }
}

/// The settings of `T`; nothing when `T` does not announce them (a flattened struct, say).
pub(crate) fn fields<T: DeserializeOwned>() -> Option<Vec<Field>> {
    fields_of(trial::<T>)
}

fn fields_of(trial: Trial) -> Option<Vec<Field>> {
    let nothing = Table::new(Vec::new());
    // Whether it can do without any value is not the question.
    let _ = trial(&nothing).is_ok();
    let names = nothing.announced()?;
    let mut fields: Vec<Field> = Vec::with_capacity(names.len());
    for name in names.iter().copied() {
        let same = fields
            .iter_mut()
            .find_map(|field| Some((main_name(trial, field, name)?, field)));
        match same {
            Some((main, field)) if main == name => {
                field.aliases.push(field.name);
                field.name = name;
            }
            Some((_, field)) => field.aliases.push(name),
            None => fields.push(field(trial, name)),
        }
    }
    mark_required(trial, &mut fields);
    Some(fields)
}

fn field(trial: Trial, name: &'static str) -> Field {
    let seen = Seen::default();
    let stand_in = STAND_INS.iter().copied().find(|text| {
        let stand_in = StandIn { text, seen: &seen };
        Table::new(vec![(name, Answer::StandIn(stand_in))])
            .refusal(trial)
            .is_none()
    });
    Field {
        name,
        aliases: Vec::new(),
        kind: seen.kind.get().unwrap_or_default(),
        secret: seen.secret.get(),
        optional: seen.optional.get(),
        required: false,
        stand_in,
    }
}

/// The field's proper name if `name` is another name for it.
///
/// Serde announces aliases like names; only the complaint about both being given tells.
fn main_name(trial: Trial, field: &Field, name: &'static str) -> Option<&'static str> {
    let seen = Seen::default();
    let text = field.stand_in?;
    let answer = Answer::StandIn(StandIn { text, seen: &seen });
    match trial(&Table::new(vec![(field.name, answer), (name, answer)])) {
        Err(ValueError::Duplicate(main)) => Some(main),
        _ => None,
    }
}

fn mark_required(trial: Trial, fields: &mut [Field]) {
    let seen = Seen::default();
    for _ in 0..fields.len() {
        let given = fields
            .iter()
            .filter(|field| field.required)
            .filter_map(|field| {
                let text = field.stand_in?;
                Some((field.name, Answer::StandIn(StandIn { text, seen: &seen })))
            });
        let Err(ValueError::Missing(key)) = trial(&Table::new(given.collect())) else {
            return;
        };
        let Some(field) = fields
            .iter_mut()
            .find(|field| !field.required && field.names().any(|name| name == key))
        else {
            return;
        };
        field.required = true;
    }
}
