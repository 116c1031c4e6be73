//! Reads what [`encoding`](super::encoding) wrote, and ends at the first byte that it did not.

use super::reader::Reader;
use super::tag::Tag;
use super::value::{ErrorChain, Value};

impl<'a> Reader<'a> {
    /// Reads a field that says its position in its call site.
    pub(crate) fn indexed(&mut self) -> Option<(u16, Value<'a>)> {
        let tag = self.tag()?;
        let index = self.array().map(u16::from_le_bytes)?;
        let head = self.take(tag.head())?;
        Some((index, self.value(tag, head)?))
    }

    /// Reads a field that says its name.
    pub(crate) fn named(&mut self) -> Option<(&'a str, Value<'a>)> {
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

    fn tag(&mut self) -> Option<Tag> {
        let [tag] = self.array()?;
        Tag::from_byte(tag)
    }

    /// Reads the value of this head, whose tail comes next.
    fn value(&mut self, tag: Tag, head: &[u8]) -> Option<Value<'a>> {
        let mut head = Reader::new(head);
        Some(match tag {
            Tag::Str => Value::Str(self.tail_text(head)?),
            Tag::Text => Value::Text(self.tail_text(head)?),
            Tag::I64 => Value::I64(i64::from_le_bytes(head.array()?)),
            Tag::U64 => Value::U64(u64::from_le_bytes(head.array()?)),
            Tag::I128 => Value::I128(i128::from_le_bytes(head.array()?)),
            Tag::U128 => Value::U128(u128::from_le_bytes(head.array()?)),
            Tag::F64 => Value::F64(f64::from_le_bytes(head.array()?)),
            Tag::Bool => Value::Bool(head.array()? != [0]),
            Tag::Error => Value::Error(ErrorChain(Self::new(self.tail(head)?))),
        })
    }

    fn tail(&mut self, mut head: Reader<'_>) -> Option<&'a [u8]> {
        let length = head.array().map(u32::from_le_bytes)?;
        self.take(length.try_into().ok()?)
    }

    fn tail_text(&mut self, head: Reader<'_>) -> Option<&'a str> {
        str::from_utf8(self.tail(head)?).ok()
    }
}
