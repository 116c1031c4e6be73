//! The chosen variant of an enum: a word, or a table of one key.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};

use super::ValueDeserializer;
use crate::config::value_error::ValueError;

/// The chosen variant of an enum, with the value of a table of one key.
pub(super) struct ChosenVariant<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) content: Option<ValueDeserializer<'a>>,
}

impl<'de, 'a> EnumAccess<'de> for ChosenVariant<'a> {
    type Error = ValueError;
    type Variant = VariantContent<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, VariantContent<'a>), ValueError> {
        let name: &str = &self.name;
        let name = seed.deserialize(IntoDeserializer::<ValueError>::into_deserializer(name))?;
        Ok((name, VariantContent(self.content)))
    }
}

pub(super) struct VariantContent<'a>(Option<ValueDeserializer<'a>>);

impl<'a> VariantContent<'a> {
    fn value(self) -> Result<ValueDeserializer<'a>, ValueError> {
        self.0
            .ok_or_else(|| ValueError::Expected("a table of one key".to_owned()))
    }
}

impl<'de> VariantAccess<'de> for VariantContent<'_> {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        match self.0 {
            None | Some(ValueDeserializer::Placeholder(_)) => Ok(()),
            Some(ValueDeserializer::Value(_)) => {
                Err(ValueError::Expected("a single word".to_owned()))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ValueError> {
        seed.deserialize(self.value()?)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.value()?.list(Some(length), visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.value()?.table(fields, visitor)
    }
}
