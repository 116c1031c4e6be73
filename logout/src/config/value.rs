//! Reads what figment merged as the types that fields ask for.
//!
//! figment's own deserializer guesses types from the text of a variable and quotes values in its
//! errors; here the field's type decides how text is read, and no error holds a value.

use std::borrow::Cow;

use figment::value::{Dict, Empty, Num, Value};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};

use self::choice::Choice;
use super::environment::without_last_newline;
use super::fail::Fail;
use super::surroundings::Surroundings;
use crate::Url;
use crate::secret::SECRET;
use crate::url::{SECRET_URL, URL};
use crate::words::number;

mod choice;

/// One value while it is read.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    value: &'a Value,
    surroundings: &'a Surroundings,
    /// An empty secret is a mistake even where the field is optional.
    secret: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(value: &'a Value, surroundings: &'a Surroundings, secret: bool) -> Self {
        Self {
            value,
            surroundings,
            secret,
        }
    }

    fn inner(self, value: &'a Value) -> Self {
        Self { value, ..self }
    }

    /// The text as it was written.
    fn text(self) -> Result<Cow<'a, str>, Fail> {
        match self.value {
            Value::String(_, text) => Ok(Cow::Borrowed(text)),
            Value::Char(_, letter) => Ok(Cow::Owned(letter.to_string())),
            Value::Num(_, number) => whole(*number)
                .map(Cow::Owned)
                .ok_or_else(|| quote("a number loses its form (1.10 becomes 1.1)")),
            Value::Bool(..) => Err(quote("this is a truth value")),
            Value::Dict(_, dict) if is_date(dict) => Err(quote("this is a date")),
            Value::Dict(..) | Value::Array(..) | Value::Empty(..) => {
                Err(Fail::Expected("text".to_owned()))
            }
        }
    }

    /// The text of a secret. The line break at its end is that of the `echo` which made it.
    fn secret_text(self) -> Result<String, Fail> {
        let text = without_last_newline(self.text()?.into_owned());
        if text.trim().is_empty() {
            return Err(Fail::Empty);
        }
        self.surroundings.keep(text.trim());
        Ok(text)
    }

    /// A secret address. An adapter may send to another path with the same token in it.
    fn secret_address(self) -> Result<String, Fail> {
        let text = self.secret_text()?;
        self.address(&text)?;
        let parts = text.split(['/', '?', '&', '=']).skip(3);
        parts.for_each(|part| self.surroundings.keep_token(part.trim()));
        Ok(text)
    }

    /// An address that may be sent to.
    fn address(self, text: &str) -> Result<(), Fail> {
        if text.trim().is_empty() {
            return Err(Fail::Empty);
        }
        let url = Url::parse(text).map_err(|error| Fail::Told(error.to_string()))?;
        if is_insecure(&url) && !self.surroundings.allow_http {
            return Err(Fail::Told(INSECURE.to_owned()));
        }
        Ok(())
    }

    fn integer<T: TryFrom<i128>>(self, expected: &str) -> Result<T, Fail> {
        let number = match self.value {
            Value::String(_, text) => text.trim().parse().ok(),
            Value::Num(_, number) => signed(*number),
            _ => None,
        };
        number
            .and_then(|number: i128| T::try_from(number).ok())
            .ok_or_else(|| Fail::Expected(expected.to_owned()))
    }

    fn truth(self) -> Result<bool, Fail> {
        match self.value {
            Value::Bool(_, truth) => Some(*truth),
            Value::String(_, text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true),
                "false" | "no" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| Fail::Expected("`true` or `false`".to_owned()))
    }

    fn fraction(self) -> Result<f64, Fail> {
        match self.value {
            Value::String(_, text) => number(text),
            Value::Num(_, whole) => whole.to_f64().or_else(|| {
                // Through text, since there is no lossless cast and a setting is small.
                number(&signed(*whole)?.to_string())
            }),
            _ => None,
        }
        .ok_or_else(|| Fail::Expected("a number".to_owned()))
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        match self.value {
            Value::Array(_, values) => visitor.visit_seq(SeqDeserializer::new(
                values.iter().map(|value| self.inner(value)),
            )),
            Value::String(tag, text) => {
                let parts: Vec<Value> = text
                    .split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(|part| Value::String(*tag, part.to_owned()))
                    .collect();
                visitor.visit_seq(SeqDeserializer::new(parts.iter().map(|value| Reader {
                    value,
                    surroundings: self.surroundings,
                    secret: self.secret,
                })))
            }
            _ => Err(Fail::Expected(
                "a list (in a variable: `a, b, c`)".to_owned(),
            )),
        }
    }

    fn table<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        match self.value {
            Value::Dict(_, dict) if !is_date(dict) => visitor.visit_map(MapDeserializer::new(
                dict.iter()
                    .map(|(key, value)| (key.as_str(), self.inner(value))),
            )),
            _ => Err(Fail::Expected("a table".to_owned())),
        }
    }
}

pub(crate) const INSECURE: &str = "its scheme must be `https`; `http` goes to this machine only, or anywhere with `allow_http = true`";

/// Whether what is sent to `url` can be read on the way.
pub(crate) fn is_insecure(url: &Url) -> bool {
    !url.is_secure() && !url.is_loopback()
}

fn quote(why: &str) -> Fail {
    Fail::Told(format!("expected text, but {why}: put it in quotes"))
}

/// How the TOML parser hands a date to formats that have none.
fn is_date(dict: &Dict) -> bool {
    dict.keys().any(|key| key.starts_with("$__toml_private"))
}

fn signed(number: Num) -> Option<i128> {
    number
        .to_i128()
        .or_else(|| number.to_u128().and_then(|number| number.try_into().ok()))
}

fn whole(number: Num) -> Option<String> {
    signed(number).map(|number| number.to_string())
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty: $expected:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
            visitor.$visit(self.integer::<$type>($expected)?)
        })*
    };
}

macro_rules! texts {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
            visitor.visit_str(&self.text()?)
        })*
    };
}

// Nothing is borrowed from the value, so a part of a list may live shorter than the list.
impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fail;

    integers! {
        deserialize_i8 visit_i8 i8: "a whole number from -128 to 127";
        deserialize_i16 visit_i16 i16: "a whole number from -32768 to 32767";
        deserialize_i32 visit_i32 i32: "a whole number from -2147483648 to 2147483647";
        deserialize_i64 visit_i64 i64: "a whole number of at most 18 digits";
        deserialize_i128 visit_i128 i128: "a whole number";
        deserialize_u8 visit_u8 u8: "a whole number from 0 to 255";
        deserialize_u16 visit_u16 u16: "a whole number from 0 to 65535";
        deserialize_u32 visit_u32 u32: "a whole number from 0 to 4294967295";
        deserialize_u64 visit_u64 u64: "a whole number from 0 on, of at most 18 digits";
        deserialize_u128 visit_u128 u128: "a whole number from 0 on";
    }

    texts! { deserialize_str deserialize_string deserialize_identifier deserialize_bytes deserialize_byte_buf }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        let text = self.text()?;
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => visitor.visit_char(letter),
            _ => Err(Fail::Expected("a single character".to_owned())),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_bool(self.truth()?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_f64(self.fraction()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_f64(self.fraction()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        match self.value {
            Value::Empty(_, Empty::None | Empty::Unit) => visitor.visit_none(),
            // What `VARIABLE=${OTHER:-}` leaves behind.
            Value::String(_, text) if text.is_empty() && !self.secret => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        match name {
            SECRET => visitor.visit_str(&self.secret_text()?),
            SECRET_URL => visitor.visit_str(&self.secret_address()?),
            URL => {
                let text = self.text()?;
                self.address(&text)?;
                visitor.visit_str(&text)
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fail> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        self.table(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fail> {
        self.table(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fail> {
        let (name, content) = match self.value {
            Value::Dict(_, dict) if dict.len() == 1 => match dict.first_key_value() {
                Some((name, content)) => (Cow::Borrowed(name.as_str()), Some(self.inner(content))),
                None => return Err(Fail::Empty),
            },
            _ => (self.text()?, None),
        };
        let name = name.trim();
        let name = variants
            .iter()
            .find(|variant| variant.eq_ignore_ascii_case(name))
            .copied()
            .unwrap_or(name);
        visitor.visit_enum(Choice { name, content })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        match self.value {
            Value::String(_, text) => visitor.visit_str(text),
            Value::Char(_, letter) => visitor.visit_char(*letter),
            Value::Bool(_, truth) => visitor.visit_bool(*truth),
            Value::Empty(..) => visitor.visit_unit(),
            Value::Array(..) => self.list(visitor),
            Value::Dict(..) => self.table(visitor),
            Value::Num(_, number) => match signed(*number) {
                None => visitor.visit_f64(self.fraction()?),
                Some(number) => match (i64::try_from(number), u64::try_from(number)) {
                    (Ok(number), _) => visitor.visit_i64(number),
                    (_, Ok(number)) => visitor.visit_u64(number),
                    _ => visitor.visit_i128(number),
                },
            },
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_unit()
    }
}

impl IntoDeserializer<'_, Fail> for Reader<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Every text that stands in `value`, for looking whether a sentence quotes it.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(_, text) => vec![text.clone()],
        Value::Char(_, letter) => vec![letter.to_string()],
        Value::Num(_, number) => match whole(*number) {
            Some(text) => vec![text],
            None => number
                .to_f64()
                .map(|number| number.to_string())
                .into_iter()
                .collect(),
        },
        Value::Bool(..) | Value::Empty(..) => Vec::new(),
        Value::Dict(_, dict) => dict.values().flat_map(texts).collect(),
        Value::Array(_, values) => values.iter().flat_map(texts).collect(),
    }
}
