//! What settings a type takes, read off its own deserializer.
//!
//! Serde shows a deserializer the names of a struct's fields and, one at a time, the types it
//! asks for. Nothing else is needed to know an adapter's keys, so an adapter of the program's own
//! declares them once, as fields.

use std::cell::Cell;

use serde::de::{DeserializeOwned, Deserializer, Visitor};

use super::fail::Fail;
use super::stand_in::{STAND_INS, Seen, StandIn};
use super::table::{Answer, Table};
pub(crate) use crate::keys::KeyKind as Kind;

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
    let names = names::<T>()?;
    let mut fields: Vec<Field> = Vec::with_capacity(names.len());
    for name in names.iter().copied() {
        let same = fields
            .iter_mut()
            .find_map(|field| Some((main_name::<T>(field, name)?, field)));
        match same {
            Some((main, field)) if main == name => {
                field.aliases.push(field.name);
                field.name = name;
            }
            Some((_, field)) => field.aliases.push(name),
            None => fields.push(field::<T>(name)),
        }
    }
    mark_required::<T>(&mut fields);
    Some(fields)
}

fn names<T: DeserializeOwned>() -> Option<&'static [&'static str]> {
    let found = Cell::new(None);
    // It fails by design: the names are all that is wanted.
    let _ = T::deserialize(Names(&found)).is_ok();
    found.get()
}

fn field<T: DeserializeOwned>(name: &'static str) -> Field {
    let seen = Seen::default();
    let stand_in = STAND_INS.iter().copied().find(|text| {
        let stand_in = StandIn { text, seen: &seen };
        Table::new([(name, Answer::StandIn(stand_in))]).accepts::<T>()
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
fn main_name<T: DeserializeOwned>(field: &Field, name: &'static str) -> Option<&'static str> {
    let seen = Seen::default();
    let text = field.stand_in?;
    let answer = || Answer::StandIn(StandIn { text, seen: &seen });
    let table = Table::new([(field.name, answer()), (name, answer())]);
    match T::deserialize(&table) {
        Err(Fail::Duplicate(main)) => Some(main),
        _ => None,
    }
}

fn mark_required<T: DeserializeOwned>(fields: &mut [Field]) {
    let seen = Seen::default();
    for _ in 0..fields.len() {
        let given = fields
            .iter()
            .filter(|field| field.required)
            .filter_map(|field| {
                let text = field.stand_in?;
                Some((field.name, Answer::StandIn(StandIn { text, seen: &seen })))
            });
        let Err(Fail::Missing(key)) = T::deserialize(&Table::new(given)) else {
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

/// Takes down the names of the fields and gives up.
struct Names<'s>(&'s Cell<Option<&'static [&'static str]>>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Fail;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fail> {
        Err(Fail::Empty)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Fail> {
        self.0.set(Some(fields));
        Err(Fail::Empty)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: V,
    ) -> Result<V::Value, Fail> {
        self.0.set(Some(&[]));
        Err(Fail::Empty)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit seq tuple tuple_struct map enum identifier ignored_any
    }
}
