//! The decoder of [`encoding`](super::encoding), which stops at the first byte that it did not
//! write.

use super::reader::Reader;
use super::value::{ErrorChain, Value};
use super::value_tag::ValueTag;

/// A value whose length is known and which is not decoded yet: most fields are never asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawValue<'a> {
    tag: ValueTag,
    head: &'a [u8],
    tail: &'a [u8],
}

impl<'a> RawValue<'a> {
    pub(super) fn is_error(self) -> bool {
        matches!(self.tag, ValueTag::Error)
    }

    pub(super) fn read(self) -> Option<Value<'a>> {
        let mut head = Reader::new(self.head);
        let text = || str::from_utf8(self.tail).ok();
        Some(match self.tag {
            ValueTag::Str => Value::Str(text()?),
            ValueTag::Text => Value::Text(text()?),
            ValueTag::I64 => Value::I64(i64::from_le_bytes(head.array()?)),
            ValueTag::U64 => Value::U64(u64::from_le_bytes(head.array()?)),
            ValueTag::I128 => Value::I128(i128::from_le_bytes(head.array()?)),
            ValueTag::U128 => Value::U128(u128::from_le_bytes(head.array()?)),
            ValueTag::F64 => Value::F64(f64::from_le_bytes(head.array()?)),
            ValueTag::Bool => Value::Bool(head.array()? != [0]),
            ValueTag::Error => Value::Error(ErrorChain(Reader::new(self.tail))),
        })
    }
}

impl<'a> Reader<'a> {
    /// Reads a field with its position in its call site.
    pub(crate) fn indexed(&mut self) -> Option<(u16, Value<'a>)> {
        let (index, value) = self.raw_indexed()?;
        Some((index, value.read()?))
    }

    /// Reads one without decoding its value.
    pub(super) fn raw_indexed(&mut self) -> Option<(u16, RawValue<'a>)> {
        let tag = self.tag()?;
        let index = self.array().map(u16::from_le_bytes)?;
        let head = self.take(tag.head())?;
        Some((index, self.value(tag, head)?))
    }

    /// Reads a field with its name.
    pub(crate) fn named(&mut self) -> Option<(&'a str, Value<'a>)> {
        let (name, value) = self.raw_named()?;
        Some((name, value.read()?))
    }

    /// Reads one without decoding its value.
    pub(super) fn raw_named(&mut self) -> Option<(&'a str, RawValue<'a>)> {
        let tag = self.tag()?;
        let head = self.take(tag.head())?;
        Some((self.name()?, self.value(tag, head)?))
    }

    /// Reads a span's name and its fields.
    pub(crate) fn span(&mut self) -> Option<(&'a str, &'a [u8])> {
        let name = self.array().map(u16::from_le_bytes)?;
        let fields = self.array().map(u32::from_le_bytes)?;
        let name = str::from_utf8(self.take(name.into())?).ok()?;
        Some((name, self.take(fields.try_into().ok()?)?))
    }

    fn tag(&mut self) -> Option<ValueTag> {
        let [tag] = self.array()?;
        ValueTag::from_byte(tag)
    }

    /// Takes the tail of this head, which comes next, and returns both undecoded.
    fn value(&mut self, tag: ValueTag, head: &'a [u8]) -> Option<RawValue<'a>> {
        let tail = match tag {
            ValueTag::Str | ValueTag::Text | ValueTag::Error => {
                let length = Reader::new(head).array().map(u32::from_le_bytes)?;
                self.take(length.try_into().ok()?)?
            }
            _ => &[],
        };
        Some(RawValue { tag, head, tail })
    }
}
