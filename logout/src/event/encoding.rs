//! How an event and its spans lie in bytes.
//!
//! Numbers and strings are copied raw and nothing but Debug and Display is formatted, because
//! formatting a typical event takes more instructions than all the rest of its capture.
//!
//! ```text
//! event  = thread field* span*           the spans begin where `spans_at` says, innermost first
//! thread = u8 length, text               length 0 when the thread has no name of its own
//! field  = tag, u16 index, value         the call site knows the name
//! span   = u16 length, u32 length, name, named*
//! named  = tag, u16 length, name, value
//! value  = 1, 8 or 16 bytes, or u32 length and text,
//!          or for an error u32 length and its (u32 length, text)*
//! ```
//!
//! All numbers are little-endian. No event is longer than [`EVENT`] bytes.

use std::error::Error;
use std::fmt::{self, Debug, Write};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::field::{Field, Visit};

use super::decoding::Reader;
use crate::words::beginning;

/// How many bytes an event may take, spans included.
pub(crate) const EVENT: usize = 256 * 1024;
/// How many of them its own fields may take, so that the spans always have room.
pub(crate) const FIELDS: usize = 192 * 1024;
/// How many bytes one span may take.
pub(crate) const SPAN: usize = 32 * 1024;
/// How many errors of a chain are captured; a `source` that returns itself would have no end.
const DEPTH: usize = 16;

/// What a text ends with that was cut, as in LoggerBackends.
pub(crate) const TRUNCATED: &str = " (truncated)";
/// What stands for a value whose Debug or Display implementation panicked.
pub(crate) const PANICKED: &str = "<panicked while formatting>";
/// What every text must leave room for: its length and either of the two.
const TEXT: usize = 4 + PANICKED.len();

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tag {
    Str,
    Text,
    I64,
    U64,
    I128,
    U128,
    F64,
    Bool,
    Error,
}

impl Tag {
    const ALL: [Self; 9] = [
        Self::Str,
        Self::Text,
        Self::I64,
        Self::U64,
        Self::I128,
        Self::U128,
        Self::F64,
        Self::Bool,
        Self::Error,
    ];

    pub(super) fn of(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }
}

/// How a field says which it is.
pub(crate) trait Key {
    fn of(field: &Field) -> Self;
    /// How many bytes it takes with the tag of the field's value.
    fn size(&self) -> usize;
    /// Writes the tag and itself.
    fn write(&self, tag: Tag, buffer: &mut Vec<u8>);
}

/// By its position in the call site, which the event carries along.
#[derive(Debug)]
pub(crate) struct ByIndex(u16);

impl Key for ByIndex {
    #[inline]
    fn of(field: &Field) -> Self {
        // A call site has at most a few hundred fields.
        Self(u16::try_from(field.index()).unwrap_or(u16::MAX))
    }

    #[inline]
    fn size(&self) -> usize {
        3
    }

    #[inline]
    fn write(&self, tag: Tag, buffer: &mut Vec<u8>) {
        let [low, high] = self.0.to_le_bytes();
        buffer.extend_from_slice(&[tag as u8, low, high]);
    }
}

/// By its name, because a span's call site does not travel with the event.
#[derive(Debug)]
pub(crate) struct ByName(&'static str);

impl Key for ByName {
    #[inline]
    fn of(field: &Field) -> Self {
        Self(beginning(field.name(), u16::MAX.into()))
    }

    #[inline]
    fn size(&self) -> usize {
        3 + self.0.len()
    }

    #[inline]
    fn write(&self, tag: Tag, buffer: &mut Vec<u8>) {
        let [low, high] = length(self.0).to_le_bytes();
        buffer.extend_from_slice(&[tag as u8, low, high]);
        buffer.extend_from_slice(self.0.as_bytes());
    }
}

/// Writes the fields that tracing shows it.
#[derive(Debug)]
pub(crate) struct Encoder<'b, K> {
    buffer: &'b mut Vec<u8>,
    /// How many bytes of each text are kept.
    truncate: usize,
    /// What the buffer may grow to.
    end: usize,
    key: PhantomData<K>,
}

impl<'b, K: Key> Encoder<'b, K> {
    #[inline]
    pub(crate) fn new(buffer: &'b mut Vec<u8>, truncate: usize, end: usize) -> Self {
        Self {
            buffer,
            truncate,
            end,
            key: PhantomData,
        }
    }

    /// Begins a field whose value takes at least `room` bytes, unless there is no such room.
    #[inline]
    fn begin(&mut self, field: &Field, tag: Tag, room: usize) -> bool {
        let key = K::of(field);
        let fits = self.buffer.len() + key.size() + room <= self.end;
        if fits {
            key.write(tag, self.buffer);
        }
        fits
    }

    #[inline]
    fn fixed<const N: usize>(&mut self, field: &Field, tag: Tag, bytes: [u8; N]) {
        if self.begin(field, tag, N) {
            self.buffer.extend_from_slice(&bytes);
        }
    }

    /// Writes what `format` writes, however long it is and whatever it does.
    #[inline]
    fn text(&mut self, format: impl FnOnce(&mut Text<'_>) -> fmt::Result) {
        let from = begin_block(self.buffer);
        let mut text = Text {
            end: from
                .saturating_add(self.truncate)
                .min(self.end.saturating_sub(PANICKED.len())),
            buffer: self.buffer,
            cut: false,
        };
        // An implementation that gives up by itself keeps what it wrote.
        let calm = calmly(|| format(&mut text).is_ok()).is_some();
        let cut = text.cut;
        if !calm {
            self.buffer.truncate(from);
            self.buffer.extend_from_slice(PANICKED.as_bytes());
        } else if cut {
            self.buffer.extend_from_slice(TRUNCATED.as_bytes());
        }
        end_block(self.buffer, from);
    }
}

impl<K: Key> Visit for Encoder<'_, K> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if self.begin(field, Tag::Text, TEXT) {
            self.text(|text| write!(text, "{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let whole = value.len() <= self.truncate;
        if whole && self.begin(field, Tag::Str, 4 + value.len()) {
            let length = u32::try_from(value.len()).unwrap_or_default();
            self.buffer.extend_from_slice(&length.to_le_bytes());
            self.buffer.extend_from_slice(value.as_bytes());
        } else if self.begin(field, Tag::Str, TEXT) {
            self.text(|text| text.write_str(value));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fixed(field, Tag::I64, value.to_le_bytes());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fixed(field, Tag::U64, value.to_le_bytes());
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.fixed(field, Tag::I128, value.to_le_bytes());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.fixed(field, Tag::U128, value.to_le_bytes());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fixed(field, Tag::F64, value.to_le_bytes());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fixed(field, Tag::Bool, [value.into()]);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if !self.begin(field, Tag::Error, 4 + TEXT) {
            return;
        }
        let from = begin_block(self.buffer);
        let mut next = Some(value);
        for _ in 0..DEPTH {
            let Some(error) = next.filter(|_| self.buffer.len() + TEXT <= self.end) else {
                break;
            };
            self.text(|text| write!(text, "{error}"));
            next = calmly(|| error.source()).flatten();
        }
        end_block(self.buffer, from);
    }
}

/// Runs `f` and returns nothing if it panics: what is done beside the program must not end it.
#[inline]
pub(crate) fn calmly<R>(f: impl FnOnce() -> R) -> Option<R> {
    #[cold]
    fn dispose(payload: impl Sized) {
        // A payload may panic when it is dropped, and what that panics with may, too.
        if let Err(worse) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(worse);
        }
    }
    catch_unwind(AssertUnwindSafe(f)).map_err(dispose).ok()
}

/// Takes text up to a bound and refuses what comes after it, so that a Debug implementation of
/// ten megabytes stops early.
struct Text<'b> {
    buffer: &'b mut Vec<u8>,
    end: usize,
    cut: bool,
}

impl Write for Text<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.end.saturating_sub(self.buffer.len());
        if text.len() <= room && !self.cut {
            self.buffer.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        if !self.cut {
            self.cut = true;
            self.buffer
                .extend_from_slice(beginning(text, room).as_bytes());
        }
        Err(fmt::Error)
    }
}

/// Writes the thread's name.
pub(crate) fn thread(name: &str, buffer: &mut Vec<u8>) {
    let name = beginning(name, u8::MAX.into());
    buffer.push(u8::try_from(name.len()).unwrap_or_default());
    buffer.extend_from_slice(name.as_bytes());
}

/// The length of a name that `beginning` has bounded.
#[inline]
fn length(name: &str) -> u16 {
    u16::try_from(name.len()).unwrap_or_default()
}

/// Writes a span whose fields are what `record` shows the encoder.
#[inline]
pub(crate) fn span(
    span: &str,
    truncate: usize,
    buffer: &mut Vec<u8>,
    record: impl FnOnce(&mut Encoder<'_, ByName>),
) {
    let start = buffer.len();
    let name = beginning(span, u16::MAX.into());
    let [low, high] = length(name).to_le_bytes();
    buffer.extend_from_slice(&[low, high, 0, 0, 0, 0]);
    buffer.extend_from_slice(name.as_bytes());
    let from = buffer.len();
    record(&mut Encoder::new(buffer, truncate, start + SPAN));
    write_length(buffer, start + 2, from);
}

/// Adds the fields of `newer` to a span, in place of those of the same name.
pub(crate) fn amend(span: &mut Vec<u8>, newer: &[u8]) {
    let Some((_, fields)) = Reader::new(span).span() else {
        return;
    };
    let from = span.len() - fields.len();
    let mut fields = Reader::new(newer);
    while let Some((name, _)) = fields.named() {
        if let Some(older) = position(span, from, name) {
            span.drain(older);
        }
    }
    if span.len() + newer.len() <= SPAN {
        span.extend_from_slice(newer);
    }
    write_length(span, 2, from);
}

/// Where in a span, whose fields begin at `from`, the field of this name lies.
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

/// Leaves the place of a length and says where what it measures begins.
#[inline]
fn begin_block(buffer: &mut Vec<u8>) -> usize {
    buffer.extend_from_slice(&[0; 4]);
    buffer.len()
}

/// Fills in the length of what was written since `from`, in the place left right before it.
#[inline]
fn end_block(buffer: &mut [u8], from: usize) {
    write_length(buffer, from - 4, from);
}

/// Writes at `place` how much there is from `from` on.
#[inline]
fn write_length(buffer: &mut [u8], place: usize, from: usize) {
    let length = u32::try_from(buffer.len() - from).unwrap_or_default();
    if let Some(place) = buffer.get_mut(place..place + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// Writes a text as the field at `index`, cut after `truncate` bytes.
pub(super) fn text_field(index: u16, text: &str, truncate: usize, buffer: &mut Vec<u8>) {
    ByIndex(index).write(Tag::Str, buffer);
    let from = begin_block(buffer);
    let kept = beginning(text, truncate);
    buffer.extend_from_slice(kept.as_bytes());
    if kept.len() < text.len() {
        buffer.extend_from_slice(TRUNCATED.as_bytes());
    }
    end_block(buffer, from);
}

/// Writes a number as the field at `index`.
pub(super) fn number_field(index: u16, number: u64, buffer: &mut Vec<u8>) {
    ByIndex(index).write(Tag::U64, buffer);
    buffer.extend_from_slice(&number.to_le_bytes());
}
