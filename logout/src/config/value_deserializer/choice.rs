//! Words that choose a variant of an enum.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};

use super::Answer;
use crate::config::value_error::ValueError;

/// The variant of an enum, with what a table of one key gives it.
pub(super) struct Choice<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) content: Option<Answer<'a>>,
}

impl<'de, 'a> EnumAccess<'de> for Choice<'a> {
    type Error = ValueError;
    type Variant = Content<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'a>), ValueError> {
        let name: &str = &self.name;
        let name = seed.deserialize(IntoDeserializer::<ValueError>::into_deserializer(name))?;
        Ok((name, Content(self.content)))
    }
}

pub(super) struct Content<'a>(Option<Answer<'a>>);

impl<'a> Content<'a> {
    fn answer(self) -> Result<Answer<'a>, ValueError> {
        self.0
            .ok_or_else(|| ValueError::Expected("a table of one key".to_owned()))
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        match self.0 {
            None | Some(Answer::StandIn(_)) => Ok(()),
            Some(Answer::Value(_)) => Err(ValueError::Expected("a single word".to_owned())),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ValueError> {
        seed.deserialize(self.answer()?)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.answer()?.list(Some(length), visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.answer()?.table(fields, visitor)
    }
}
