//! A table of keys and values, which serde reads as one struct.

use std::cell::Cell;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};

use super::value_deserializer::ValueDeserializer;
use super::value_error::ValueError;

/// A function that tries to read a type from a table. The code that evaluates the result is shared
/// by all types.
pub(crate) type TryDeserialize = fn(&KeyTable<'_>) -> Result<(), ValueError>;

/// Returns whether a `T` can be read from `table`, or why not.
pub(crate) fn try_deserialize<T: DeserializeOwned>(table: &KeyTable<'_>) -> Result<(), ValueError> {
    T::deserialize(table).map(drop)
}

/// Keys and their values, as a struct asks for them.
pub(crate) struct KeyTable<'a> {
    entries: Vec<(&'a str, ValueDeserializer<'a>)>,
    /// Whether a value was refused, and not just missing.
    has_refused_value: Cell<bool>,
    /// The names of the struct's fields, once it has announced them.
    field_names: Cell<Option<&'static [&'static str]>>,
}

impl<'a> KeyTable<'a> {
    pub(crate) fn new(entries: Vec<(&'a str, ValueDeserializer<'a>)>) -> Self {
        Self {
            entries,
            has_refused_value: Cell::new(false),
            field_names: Cell::new(None),
        }
    }

    /// Returns why a field refuses a value of this table.
    pub(crate) fn value_error(&self, try_deserialize: TryDeserialize) -> Option<ValueError> {
        try_deserialize(self)
            .err()
            .filter(|_| self.has_refused_value.get())
    }

    /// Returns the names of the struct's fields, if it announced them.
    pub(crate) fn field_names(&self) -> Option<&'static [&'static str]> {
        self.field_names.get()
    }
}

impl<'de> Deserializer<'de> for &KeyTable<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_map(KeyAccess {
            table: self,
            next: 0,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.field_names.set(Some(fields));
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.field_names.set(Some(&[]));
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct KeyAccess<'t, 'a> {
    table: &'t KeyTable<'a>,
    next: usize,
}

impl<'de> MapAccess<'de> for KeyAccess<'_, '_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        let Some((name, _)) = self.table.entries.get(self.next) else {
            return Ok(None);
        };
        seed.deserialize(IntoDeserializer::<ValueError>::into_deserializer(*name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ValueError> {
        let value = self.table.entries.get(self.next).map(|(_, value)| *value);
        self.next += 1;
        let value = value
            .ok_or(ValueError::Empty)
            .and_then(|value| seed.deserialize(value));
        value.inspect_err(|_| self.table.has_refused_value.set(true))
    }
}
