//! Answers to whatever a type asks for, where its real value is absent or not wanted.

use std::cell::Cell;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor,
};

use super::fail::Fail;
use super::fields::Kind;
use crate::secret::SECRET;
use crate::url::{SECRET_URL, URL};

/// What a field was seen to ask for.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) kind: Cell<Option<Kind>>,
    pub(crate) secret: Cell<bool>,
    pub(crate) optional: Cell<bool>,
}

impl Seen {
    fn see(&self, kind: Kind) {
        if self.kind.get().is_none() {
            self.kind.set(Some(kind));
        }
        if matches!(kind, Kind::Secret | Kind::SecretUrl) {
            self.secret.set(true);
        }
    }
}

/// Texts one of which most types that are read from text accept.
pub(crate) const STAND_INS: [&str; 5] = ["", "1", "-1", "error", ADDRESS];
const ADDRESS: &str = "https://localhost/";

/// Answers whatever a field asks for with some value, and remembers the question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandIn<'s> {
    pub(crate) text: &'static str,
    pub(crate) seen: &'s Seen,
}

macro_rules! answers {
    ($($method:ident: $kind:ident, $visit:ident($value:expr);)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
            self.seen.see(Kind::$kind);
            visitor.$visit($value)
        })*
    };
}

macro_rules! says {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
            self.seen.see(Kind::Text);
            visitor.visit_str(self.text)
        })*
    };
}

// One is not zero, so types that exclude zero take it too.
impl<'de> Deserializer<'de> for StandIn<'_> {
    type Error = Fail;

    answers! {
        deserialize_bool: Truth, visit_bool(false);
        deserialize_i8: Integer, visit_i8(1);
        deserialize_i16: Integer, visit_i16(1);
        deserialize_i32: Integer, visit_i32(1);
        deserialize_i64: Integer, visit_i64(1);
        deserialize_i128: Integer, visit_i128(1);
        deserialize_u8: Integer, visit_u8(1);
        deserialize_u16: Integer, visit_u16(1);
        deserialize_u32: Integer, visit_u32(1);
        deserialize_u64: Integer, visit_u64(1);
        deserialize_u128: Integer, visit_u128(1);
        deserialize_f32: Number, visit_f32(1.0);
        deserialize_f64: Number, visit_f64(1.0);
        deserialize_char: Text, visit_char('a');
        deserialize_map: Table, visit_map(MapDeserializer::new(std::iter::empty::<(&str, &str)>()));
    }

    says! { deserialize_any deserialize_str deserialize_string deserialize_identifier deserialize_bytes deserialize_byte_buf }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        if self.seen.kind.get().is_none() {
            self.seen.optional.set(true);
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        let kind = match name {
            SECRET => Kind::Secret,
            SECRET_URL => Kind::SecretUrl,
            URL => Kind::Url,
            _ => return visitor.visit_newtype_struct(self),
        };
        self.seen.see(kind);
        visitor.visit_str(ADDRESS)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        self.seen.see(Kind::List);
        visitor.visit_seq(SeqDeserializer::new(std::iter::once(self)))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        self.seen.see(Kind::List);
        visitor.visit_seq(SeqDeserializer::new(std::iter::repeat_n(self, length)))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fail> {
        self.seen.see(Kind::Table);
        visitor.visit_map(MapDeserializer::new(
            fields.iter().map(|name| (*name, self)),
        ))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fail> {
        self.seen.see(Kind::Choice(variants));
        match variants.first() {
            Some(name) => visitor.visit_enum(First {
                name,
                content: self,
            }),
            None => Err(Fail::Empty),
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

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_unit()
    }
}

impl IntoDeserializer<'_, Fail> for StandIn<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The first variant of an enum.
struct First<'s> {
    name: &'static str,
    content: StandIn<'s>,
}

impl<'de, 's> EnumAccess<'de> for First<'s> {
    type Error = Fail;
    type Variant = StandIn<'s>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, StandIn<'s>), Fail> {
        let name = seed.deserialize(IntoDeserializer::<Fail>::into_deserializer(self.name))?;
        Ok((name, self.content))
    }
}

impl<'de> VariantAccess<'de> for StandIn<'_> {
    type Error = Fail;

    fn unit_variant(self) -> Result<(), Fail> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fail> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fail> {
        self.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fail> {
        self.deserialize_struct("", fields, visitor)
    }
}
