//! Words that choose a variant of an enum.

use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};

use super::Reader;
use crate::config::fail::Fail;

/// The variant of an enum, with what a table of one key gives it.
pub(super) struct Choice<'a> {
    pub(super) name: &'a str,
    pub(super) content: Option<Reader<'a>>,
}

impl<'de, 'a> EnumAccess<'de> for Choice<'a> {
    type Error = Fail;
    type Variant = Content<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'a>), Fail> {
        let name = seed.deserialize(IntoDeserializer::<Fail>::into_deserializer(self.name))?;
        Ok((name, Content(self.content)))
    }
}

pub(super) struct Content<'a>(Option<Reader<'a>>);

impl<'a> Content<'a> {
    fn reader(self) -> Result<Reader<'a>, Fail> {
        self.0
            .ok_or_else(|| Fail::Expected("a table of one key".to_owned()))
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = Fail;

    fn unit_variant(self) -> Result<(), Fail> {
        match self.0 {
            None => Ok(()),
            Some(_) => Err(Fail::Expected("a single word".to_owned())),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fail> {
        seed.deserialize(self.reader()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fail> {
        self.reader()?.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fail> {
        self.reader()?.table(visitor)
    }
}
