//! A deserializer for a configured value, or for a placeholder.

use std::borrow::Cow;

use figment::value::{Empty, Value};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};

use self::enum_access::ChosenVariant;
use super::field_probe::Placeholder;
use super::value::ValueReader;
use super::value_error::ValueError;
use crate::block::keys::KeyKind;

mod enum_access;

/// A deserializer for one field.
///
/// It is one type, so that serde's code for a field exists once and not twice.
#[derive(Clone, Copy)]
pub(crate) enum ValueDeserializer<'a> {
    Value(ValueReader<'a>),
    Placeholder(Placeholder<'a>),
}

impl<'a> ValueDeserializer<'a> {
    fn text(self) -> Result<Cow<'a, str>, ValueError> {
        match self {
            Self::Value(reader) => reader.text(),
            Self::Placeholder(placeholder) => {
                Ok(placeholder.record(KeyKind::Text, placeholder.text).into())
            }
        }
    }

    fn integer<T: TryFrom<i128>>(self, expected: &str) -> Result<T, ValueError> {
        match self {
            Self::Value(reader) => reader.integer(),
            // One is not zero, so types that exclude zero take it too.
            Self::Placeholder(placeholder) => Some(placeholder.record(KeyKind::Integer, 1)),
        }
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| ValueError::Expected(expected.to_owned()))
    }

    fn bool(self) -> Result<bool, ValueError> {
        match self {
            Self::Value(reader) => reader.bool(),
            Self::Placeholder(placeholder) => Ok(placeholder.record(KeyKind::Bool, false)),
        }
    }

    fn float(self) -> Result<f64, ValueError> {
        match self {
            Self::Value(reader) => reader.float(),
            Self::Placeholder(placeholder) => Ok(placeholder.record(KeyKind::Number, 1.0)),
        }
    }

    fn char(self) -> Result<char, ValueError> {
        match self {
            Self::Value(reader) => reader.char(),
            Self::Placeholder(placeholder) => Ok(placeholder.record(KeyKind::Text, 'a')),
        }
    }

    /// Returns the text for a type with a form of its own, by the type's name.
    fn text_of_type(self, name: &str) -> Option<Result<Cow<'a, str>, ValueError>> {
        match self {
            Self::Value(reader) => reader.text_of_type(name),
            Self::Placeholder(placeholder) => {
                placeholder.text_of_type(name).map(|text| Ok(text.into()))
            }
        }
    }

    fn is_absent(self) -> bool {
        match self {
            Self::Value(reader) => reader.is_absent(),
            Self::Placeholder(placeholder) => {
                placeholder.record_optional();
                false
            }
        }
    }

    /// Visits the values of a list: `length` of them, if the type has a fixed number.
    fn list<'de, V: Visitor<'de>>(
        self,
        length: Option<usize>,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let items;
        let deserializers: Vec<ValueDeserializer<'_>> = match self {
            Self::Value(reader) => {
                items = reader.list()?;
                let items = items.iter();
                items
                    .map(|value| ValueDeserializer::Value(reader.with_value(value)))
                    .collect()
            }
            Self::Placeholder(placeholder) => {
                let length = placeholder.record(KeyKind::List, length.unwrap_or(1));
                vec![self; length]
            }
        };
        visitor.visit_seq(SeqDeserializer::new(deserializers.into_iter()))
    }

    /// Visits the keys of a table: those that are given, or a placeholder for each of `fields`.
    fn table<'de, V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let rows: Vec<(&str, ValueDeserializer<'_>)> = match self {
            Self::Value(reader) => {
                let rows = reader.table()?.iter();
                rows.map(|(key, value)| (key.as_str(), Self::Value(reader.with_value(value))))
                    .collect()
            }
            Self::Placeholder(placeholder) => {
                let fields = placeholder.record(KeyKind::Table, fields).iter();
                fields.map(|name| (*name, self)).collect()
            }
        };
        visitor.visit_map(MapDeserializer::new(rows.into_iter()))
    }

    /// Returns the chosen variant of an enum.
    fn variant(self, variants: &'static [&'static str]) -> Result<ChosenVariant<'a>, ValueError> {
        let (name, content) = match self {
            Self::Value(reader) => {
                let (name, content) = reader.variant(variants)?;
                (name, content.map(Self::Value))
            }
            Self::Placeholder(placeholder) => {
                let variants = placeholder.record(KeyKind::Choice(variants), variants);
                let first = variants.first().ok_or(ValueError::Empty)?;
                (Cow::Borrowed(*first), Some(self))
            }
        };
        Ok(ChosenVariant { name, content })
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident: $expected:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            visitor.$visit(self.integer($expected)?)
        })*
    };
}

macro_rules! texts {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            visitor.visit_str(&self.text()?)
        })*
    };
}

// Nothing borrows from the value, so the reader of a part may live shorter than the list.
impl<'de> Deserializer<'de> for ValueDeserializer<'_> {
    type Error = ValueError;

    integers! {
        deserialize_i8 visit_i8: "a whole number from -128 to 127";
        deserialize_i16 visit_i16: "a whole number from -32768 to 32767";
        deserialize_i32 visit_i32: "a whole number from -2147483648 to 2147483647";
        deserialize_i64 visit_i64: "a whole number of at most 18 digits";
        deserialize_i128 visit_i128: "a whole number";
        deserialize_u8 visit_u8: "a whole number from 0 to 255";
        deserialize_u16 visit_u16: "a whole number from 0 to 65535";
        deserialize_u32 visit_u32: "a whole number from 0 to 4294967295";
        deserialize_u64 visit_u64: "a non-negative whole number of at most 18 digits";
        deserialize_u128 visit_u128: "a non-negative whole number";
    }

    texts! { deserialize_str deserialize_string deserialize_identifier deserialize_bytes deserialize_byte_buf }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_char(self.char()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_bool(self.bool()?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.is_absent() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match self.text_of_type(name) {
            Some(text) => visitor.visit_str(&text?),
            None => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.list(None, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.list(Some(length), visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.list(Some(length), visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.table(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.table(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_enum(self.variant(variants)?)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let Self::Value(reader) = self else {
            return self.deserialize_str(visitor);
        };
        match reader.value {
            Value::String(_, text) => visitor.visit_str(text),
            Value::Char(_, letter) => visitor.visit_char(*letter),
            Value::Bool(_, truth) => visitor.visit_bool(*truth),
            Value::Empty(_, Empty::None | Empty::Unit) => visitor.visit_unit(),
            Value::Array(..) => self.list(None, visitor),
            Value::Dict(..) => self.table(&[], visitor),
            Value::Num(..) => match reader.integer() {
                None => visitor.visit_f64(self.float()?),
                Some(number) => match (i64::try_from(number), u64::try_from(number)) {
                    (Ok(number), _) => visitor.visit_i64(number),
                    (_, Ok(number)) => visitor.visit_u64(number),
                    _ => visitor.visit_i128(number),
                },
            },
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }
}

impl IntoDeserializer<'_, ValueError> for ValueDeserializer<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
