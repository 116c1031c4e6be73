//! The encoding of an event and its spans.
//!
//! Numbers and strings are copied raw and nothing but Debug and Display is formatted, because
//! formatting a typical event takes more instructions than all the rest of its capture.
//!
//! ```text
//! event  = thread field* span* trail?    the spans begin where `spans_at` says, innermost first
//! thread = u8 length, text               length 0 when the thread has no name of its own
//! field  = tag, u16 index, value         the call site knows the name
//! span   = u16 length, u32 length, name, named*
//! named  = tag, head, u16 length, name, tail
//! value  = head tail
//! head   = 1, 8 or 16 bytes, or the u32 length of the tail
//! tail   = nothing, or text, or for an error its (u32 length, text)*
//! ```
//!
//! All numbers are little-endian. No event is longer than [`EVENT`] bytes.

use std::error::Error;
use std::fmt::{self, Debug, Write};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::field::{Field, Visit};

pub(crate) use self::buffer::{Buffer, SmallBuffer};
use self::field_key::length;
pub(crate) use self::field_key::{ByIndex, ByName, FieldKey};
pub(crate) use self::trail_line::{
    LEVELS, LINE, LineHead, TRAIL_HEAD, TRAIL_NAME, level_byte, line, line_of_event, trail_head,
};
#[cfg(feature = "spool")]
pub(crate) use self::trail_line::{end_line, nanoseconds};
use super::reader::Reader;
use super::value_tag::ValueTag;
use crate::text::{backtrace, prefix};

mod buffer;
mod field_key;
mod trail_line;

/// How many bytes an event may take, spans included, unless memory is scarcer.
pub(crate) const EVENT: usize = 256 * 1024;
/// How many bytes one span may take.
pub(crate) const SPAN: usize = 32 * 1024;
/// How many errors of a chain are captured; a `source` that returns itself would have no end.
pub(crate) const DEPTH: usize = 16;

/// The end of a text that was cut, as in LoggerBackends.
pub(crate) const TRUNCATED: &str = " (truncated)";
/// The text of a value whose Debug or Display implementation panicked.
pub(crate) const PANICKED: &str = "<panicked while formatting>";
/// The room that every text must leave: for either of the two.
const TEXT: usize = PANICKED.len();
/// The bytes of a length until it is known.
const UNKNOWN: [u8; 4] = [0; 4];

/// A visitor that encodes the fields it is shown.
#[derive(Debug)]
pub(crate) struct Encoder<'b, K, B = Vec<u8>> {
    buffer: &'b mut B,
    /// How many bytes of each text are kept.
    truncate: usize,
    /// The length that the buffer may grow to.
    end: usize,
    key: PhantomData<K>,
}

impl<'b, K: FieldKey, B: Buffer> Encoder<'b, K, B> {
    #[inline]
    pub(crate) fn new(buffer: &'b mut B, truncate: usize, end: usize) -> Self {
        Self {
            buffer,
            truncate,
            end,
            key: PhantomData,
        }
    }

    /// Writes a field without the tail of its value, and returns where the head is; writes nothing
    /// if `tail` more bytes do not fit.
    #[inline(always)]
    fn begin<const N: usize>(
        &mut self,
        field: &Field,
        tag: ValueTag,
        head: [u8; N],
        tail: usize,
    ) -> Option<usize> {
        let key = K::of(field);
        let start = self.buffer.length();
        let fits = start + key.size() + N + tail <= self.end;
        fits.then(|| {
            key.write(tag, head, self.buffer);
            start + K::VALUE
        })
    }

    #[inline]
    fn fixed<const N: usize>(&mut self, field: &Field, tag: ValueTag, value: [u8; N]) {
        self.begin(field, tag, value, 0);
    }

    /// Writes the output of `format`, cut or replaced if it is too long or panics, and its length
    /// at `place`.
    #[inline]
    fn text(&mut self, place: usize, format: impl FnOnce(&mut BoundedText<'_, B>) -> fmt::Result) {
        let from = self.buffer.length();
        let end = self.end.saturating_sub(PANICKED.len());
        let cut_at = from.saturating_add(self.truncate);
        let mut text = BoundedText {
            from,
            end: cut_at.min(end),
            // A line of a trail has no room for frames, whatever they are.
            formatted: if cut_at < end { 0 } else { EVENT },
            buffer: self.buffer,
            cut: false,
        };
        // An implementation that gives up by itself keeps what it wrote.
        let caught = catch_panics(|| format(&mut text).is_ok()).is_some();
        let cut = text.cut;
        if !caught {
            self.buffer.cut(from);
            self.buffer.append(PANICKED.as_bytes());
        } else if cut {
            self.buffer.append(TRUNCATED.as_bytes());
        }
        write_length(self.buffer, place, from);
    }
}

impl<K: FieldKey, B: Buffer> Visit for Encoder<'_, K, B> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if let Some(place) = self.begin(field, ValueTag::Text, UNKNOWN, TEXT) {
            self.text(place, |text| write!(text, "{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let whole = value.len() <= self.truncate;
        let length = u32::try_from(value.len()).unwrap_or_default();
        if whole
            && let Some(_) = self.begin(field, ValueTag::Str, length.to_le_bytes(), value.len())
        {
            self.buffer.append(value.as_bytes());
        } else if let Some(place) = self.begin(field, ValueTag::Str, UNKNOWN, TEXT) {
            self.text(place, |text| text.write_str(value));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fixed(field, ValueTag::I64, value.to_le_bytes());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fixed(field, ValueTag::U64, value.to_le_bytes());
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.fixed(field, ValueTag::I128, value.to_le_bytes());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.fixed(field, ValueTag::U128, value.to_le_bytes());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fixed(field, ValueTag::F64, value.to_le_bytes());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fixed(field, ValueTag::Bool, [value.into()]);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let Some(place) = self.begin(field, ValueTag::Error, UNKNOWN, UNKNOWN.len() + TEXT) else {
            return;
        };
        let from = self.buffer.length();
        let mut next = Some(value);
        for _ in 0..DEPTH {
            let Some(error) =
                next.filter(|_| self.buffer.length() + UNKNOWN.len() + TEXT <= self.end)
            else {
                break;
            };
            let place = self.buffer.length();
            self.buffer.append(&UNKNOWN);
            self.text(place, |text| write!(text, "{error}"));
            next = catch_panics(|| error.source()).flatten();
        }
        write_length(self.buffer, place, from);
    }
}

/// Runs `f` and returns nothing if it panics: logout must not end the program it runs beside.
#[inline]
pub(crate) fn catch_panics<R>(f: impl FnOnce() -> R) -> Option<R> {
    #[cold]
    fn dispose(payload: impl Sized) {
        // A payload may panic when it is dropped, and what that panics with may, too.
        if let Err(worse) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(worse);
        }
    }
    catch_unwind(AssertUnwindSafe(f)).map_err(dispose).ok()
}

/// A writer that takes text up to a bound and refuses what comes after it, so that a Debug
/// implementation of ten megabytes stops early. Where the text is the report of an error, frames of
/// its backtrace that are not the program's make room for those that are.
struct BoundedText<'b, B> {
    buffer: &'b mut B,
    /// The position in the buffer at which the text begins.
    from: usize,
    end: usize,
    /// The bytes that were written when it first had no room, and since: of an endless backtrace no
    /// more than [`EVENT`] bytes are looked at.
    formatted: usize,
    cut: bool,
}

impl<B: Buffer> BoundedText<'_, B> {
    /// Makes room by dropping frames that are not the program's; returns whether it did.
    #[cold]
    fn shorten(&mut self) -> bool {
        let written = self.buffer.bytes().get(self.from..).unwrap_or_default();
        self.formatted += written.len();
        if self.formatted >= EVENT {
            return false;
        }
        let written = std::str::from_utf8(written).unwrap_or_default();
        let Some(shortened) = backtrace::without_other_frames(written) else {
            return false;
        };
        self.buffer.cut(self.from);
        self.buffer.append(shortened.as_bytes());
        true
    }
}

impl<B: Buffer> Write for BoundedText<'_, B> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut text = text;
        while !self.cut {
            let room = self.end.saturating_sub(self.buffer.length());
            if text.len() <= room {
                self.buffer.append(text.as_bytes());
                return Ok(());
            }
            let fitting = prefix(text, room);
            self.buffer.append(fitting.as_bytes());
            text = text.get(fitting.len()..).unwrap_or_default();
            self.cut = !self.shorten();
        }
        Err(fmt::Error)
    }
}

/// Writes the thread's name.
pub(crate) fn thread(name: &str, buffer: &mut Vec<u8>) {
    const MOST: usize = u8::MAX as usize;
    let name = if name.len() > MOST {
        truncated(name, MOST - TRUNCATED.len()).concat()
    } else {
        name.to_owned()
    };
    buffer.push(u8::try_from(name.len()).unwrap_or_default());
    buffer.extend_from_slice(name.as_bytes());
}

/// Writes a span with the fields that `record` shows the encoder.
#[inline]
pub(crate) fn span<B: Buffer>(
    span: &str,
    truncate: usize,
    buffer: &mut B,
    record: impl FnOnce(&mut Encoder<'_, ByName, B>),
) {
    let end = buffer.length() + SPAN;
    span_within(span, truncate, end, buffer, record);
}

/// Writes one that ends before `end`.
#[inline]
fn span_within<B: Buffer>(
    span: &str,
    truncate: usize,
    end: usize,
    buffer: &mut B,
    record: impl FnOnce(&mut Encoder<'_, ByName, B>),
) {
    let start = buffer.length();
    let name = prefix(span, u16::MAX.into());
    let [low, high] = length(name).to_le_bytes();
    buffer.append(&[low, high, 0, 0, 0, 0]);
    buffer.append(name.as_bytes());
    let from = buffer.length();
    record(&mut Encoder::new(buffer, truncate, end));
    write_length(buffer, start + 2, from);
}

/// Adds the fields of `newer` to a span, each replacing that of the same name; one that does not
/// fit leaves the older in place.
pub(crate) fn amend(span: &mut Vec<u8>, newer: &[u8]) {
    let Some((_, fields)) = Reader::new(span).span() else {
        return;
    };
    let from = span.len() - fields.len();
    let mut rest = Reader::new(newer);
    loop {
        let before = rest.rest();
        let Some((name, _)) = rest.named() else {
            break;
        };
        let (field, _) = before.split_at(before.len() - rest.rest().len());
        let older = position(span, from, name).unwrap_or(span.len()..span.len());
        if span.len() - older.len() + field.len() <= SPAN {
            span.drain(older);
            span.extend_from_slice(field);
        }
    }
    write_length(span, 2, from);
}

/// Returns the range of the field of this name in a span whose fields begin at `from`.
fn position(span: &[u8], from: usize, name: &str) -> Option<std::ops::Range<usize>> {
    let mut reader = Reader::new(span.get(from..)?);
    loop {
        let start = span.len() - reader.rest().len();
        let (known, _) = reader.named()?;
        if known == name {
            return Some(start..span.len() - reader.rest().len());
        }
    }
}

/// Writes at `place` the number of bytes from `from` on.
#[inline]
pub(super) fn write_length(buffer: &mut impl Buffer, place: usize, from: usize) {
    let length = u32::try_from(buffer.length() - from).unwrap_or_default();
    buffer.overwrite(place, length.to_le_bytes());
}

/// Writes a text as the field at `index`, cut after `truncate` bytes.
pub(super) fn text_field(index: u16, text: &str, truncate: usize, buffer: &mut Vec<u8>) {
    let place = buffer.len() + ByIndex::VALUE;
    ByIndex(index).write(ValueTag::Str, UNKNOWN, buffer);
    let from = buffer.len();
    text_tail(text, truncate, buffer);
    write_length(buffer, place, from);
}

/// Writes a text, cut after `truncate` bytes.
fn text_tail(text: &str, truncate: usize, buffer: &mut Vec<u8>) {
    for part in truncated(text, truncate) {
        buffer.extend_from_slice(part.as_bytes());
    }
}

/// Writes an error without a source as the field at `index`, cut after `truncate` bytes.
pub(super) fn error_field(index: u16, text: &str, truncate: usize, buffer: &mut Vec<u8>) {
    let place = buffer.len() + ByIndex::VALUE;
    ByIndex(index).write(ValueTag::Error, UNKNOWN, buffer);
    let from = buffer.len();
    buffer.extend_from_slice(&UNKNOWN);
    text_tail(text, truncate, buffer);
    write_length(buffer, from, from + UNKNOWN.len());
    write_length(buffer, place, from);
}

/// Writes a span whose fields are encoded already.
pub(super) fn encoded_span(name: &str, fields: &[u8], buffer: &mut Vec<u8>) {
    let length = u32::try_from(fields.len()).unwrap_or_default();
    buffer.extend_from_slice(&self::length(name).to_le_bytes());
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(name.as_bytes());
    buffer.extend_from_slice(fields);
}

/// Returns the first `bytes` bytes of a text, and the mark of a cut if there are more: the end of a
/// cut text may be half a secret.
pub(crate) fn truncated(text: &str, bytes: usize) -> [&str; 2] {
    let kept = prefix(text, bytes);
    let is_whole = kept.len() == text.len();
    [kept, if is_whole { "" } else { TRUNCATED }]
}

/// Writes a number as the field at `index`.
pub(super) fn number_field(index: u16, number: u64, buffer: &mut Vec<u8>) {
    ByIndex(index).write(ValueTag::U64, number.to_le_bytes(), buffer);
}
