//! An event as a line of a trail.
//!
//! ```text
//! trail = u16 1, u32 length, 255, u8 cut, line*    where a span could begin, whose name 255 is none
//! line  = u16 length, u8 level, u64 time, span     the span is the target, with the event's fields
//! ```
//!
//! The time is in nanoseconds since 1970. The length of a line is that of what follows it.

use std::time::{SystemTime, UNIX_EPOCH};

use tracing::{Level, Metadata};

use super::{ByName, Encoder, FieldKey as _, span_within, text_tail, write_length};
use crate::event::reader::Reader;
use crate::event::value::Value;
use crate::event::value_tag::ValueTag;
use crate::text::prefix;

/// How many bytes a line may take: what a person reads of an event on the way to another.
pub(crate) const LINE: usize = 1_024;

/// The length byte that marks a trail where a span's name could begin.
pub(crate) const TRAIL_NAME: [u8; 1] = [u8::MAX];

/// The bytes of a trail before its first line.
pub(crate) const TRAIL_HEAD: usize = 8;

/// How many bytes of a target are kept.
const TARGET: usize = 128;

/// The level, time and target that a line begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineHead<'t> {
    pub(crate) level: Level,
    pub(crate) time: SystemTime,
    pub(crate) target: &'t str,
}

/// Writes a line with the fields that `record` shows the encoder.
#[inline]
pub(crate) fn line(
    head: LineHead<'_>,
    truncate: usize,
    buffer: &mut Vec<u8>,
    record: impl FnOnce(&mut Encoder<'_, ByName, Vec<u8>>),
) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0, 0, level_byte(head.level)]);
    buffer.extend_from_slice(&nanoseconds(head.time).to_le_bytes());
    let target = prefix(head.target, TARGET);
    span_within(target, truncate, start + LINE, buffer, record);
    end_line(start, buffer);
}

/// Writes the length of the line that begins at `start`; one that is too long for it is left out.
#[inline]
pub(crate) fn end_line(start: usize, buffer: &mut Vec<u8>) {
    match u16::try_from(buffer.len() - start - 2) {
        Ok(length) => {
            if let Some(place) = buffer.get_mut(start..start + 2) {
                place.copy_from_slice(&length.to_le_bytes());
            }
        }
        Err(_) => buffer.truncate(start),
    }
}

/// Returns the nanoseconds since 1970, in which a clock that stands before counts as 0.
#[inline]
pub(crate) fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Writes the line of an event from its encoded fields, without formatting anything anew.
pub(crate) fn line_of_event(
    head: LineHead<'_>,
    metadata: &'static Metadata<'static>,
    fields: &[u8],
    buffer: &mut Vec<u8>,
) {
    line(head, usize::MAX, buffer, |encoder| {
        let mut rest = Reader::new(fields);
        // Behind the thread's name.
        let _thread = rest.short_text();
        loop {
            let before = rest.rest();
            let Some((index, value)) = rest.indexed() else {
                break;
            };
            let (field, _) = before.split_at(before.len() - rest.rest().len());
            if let Some(field_name) = metadata.fields().iter().nth(index.into()) {
                copy(&ByName::of(&field_name), field, value, encoder);
            }
        }
    });
}

/// Copies a field, with its name in place of its position; a text that does not fit is cut, and of
/// an error only its own text is copied.
fn copy(
    name: &ByName,
    field: &[u8],
    value: Value<'_>,
    encoder: &mut Encoder<'_, ByName, Vec<u8>>,
) -> Option<()> {
    let (tag, behind) = field.split_first()?;
    let tag = ValueTag::from_byte(*tag)?;
    // Behind the position.
    let (head, tail) = behind.get(2..)?.split_at_checked(tag.head())?;
    let room = encoder
        .end
        .checked_sub(encoder.buffer.len() + name.size() + head.len())?;
    if tail.len() <= room {
        match head.len() {
            1 => name.write(tag, <[u8; 1]>::try_from(head).ok()?, encoder.buffer),
            4 => name.write(tag, <[u8; 4]>::try_from(head).ok()?, encoder.buffer),
            8 => name.write(tag, <[u8; 8]>::try_from(head).ok()?, encoder.buffer),
            _ => name.write(tag, <[u8; 16]>::try_from(head).ok()?, encoder.buffer),
        }
        encoder.buffer.extend_from_slice(tail);
    } else if let Some(text) = matches!(tag, ValueTag::Str | ValueTag::Text | ValueTag::Error)
        .then(|| value.texts().next())
        .flatten()
        && let Some(room) = room.checked_sub(super::TRUNCATED.len())
    {
        let place = encoder.buffer.len() + ByName::VALUE;
        name.write(ValueTag::Str, super::UNKNOWN, encoder.buffer);
        let from = encoder.buffer.len();
        text_tail(&text, room, encoder.buffer);
        write_length(encoder.buffer, place, from);
    }
    Some(())
}

/// Writes the head of a trail whose lines take `length` bytes.
pub(crate) fn trail_head(length: usize, is_cut: bool, buffer: &mut Vec<u8>) {
    let length = u32::try_from(length + 1).unwrap_or_default();
    buffer.extend_from_slice(&1_u16.to_le_bytes());
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&TRAIL_NAME);
    buffer.push(is_cut.into());
}

/// The levels by their numbers, the most severe first.
pub(crate) const LEVELS: [Level; 5] = [
    Level::ERROR,
    Level::WARN,
    Level::INFO,
    Level::DEBUG,
    Level::TRACE,
];

#[inline]
pub(crate) fn level_byte(level: Level) -> u8 {
    match level {
        Level::ERROR => 0,
        Level::WARN => 1,
        Level::INFO => 2,
        Level::DEBUG => 3,
        Level::TRACE => 4,
    }
}
