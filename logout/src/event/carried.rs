//! A carried event: one that outlives its process and brings its place and its fields' names along.
//!
//! Six static call sites stand for all of them, one per level and one for panics, as those of the
//! `log` bridge do for its records. In memory it is an [`Event`] like any other, whose fields name
//! themselves:
//!
//! ```text
//! event  = thread head named* span* trail?      the parts are those of `encoding`
//! head   = name, target, module, file, u32 line  texts behind their u16 length; empty and 0 are none
//! stored = u8 kind, u64 time, u32 spans_at, event  the kind is the level, or 5 for a panic
//! ```
//!
//! What is configured to be secret never leaves the process: every text passes the [`Redactor`] as the
//! event is written. Reading is total.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing::callsite::Identifier;
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::{Level, Metadata};

use super::encoding::{self, LEVELS, TRAIL_HEAD, end_line, level_byte, write_length};
pub(crate) use super::encoding::{level_byte as level_number, nanoseconds};
use super::panic_callsite::CALLSITE;
use super::reader::Reader;
use super::trail::LineView;
use super::value::Value;
use super::value_tag::ValueTag;
use super::view::{Event, EventView, MESSAGE};
use crate::text::prefix;

/// The kind of a panic; all others are levels.
const PANIC: u8 = 5;

/// The longest name of a field, a span or a place, which has two bytes for its length.
const NAME: usize = u16::MAX as usize;

/// The call sites of all events that were read, by their kind.
static CARRIED: [Metadata<'static>; 6] = [
    metadata(Level::ERROR),
    metadata(Level::WARN),
    metadata(Level::INFO),
    metadata(Level::DEBUG),
    metadata(Level::TRACE),
    metadata(Level::ERROR),
];

const fn metadata(level: Level) -> Metadata<'static> {
    let fields = FieldSet::new(&[], Identifier(&CALLSITE));
    Metadata::new(
        "carried",
        "carried",
        level,
        None,
        None,
        None,
        fields,
        Kind::EVENT,
    )
}

/// Returns whether the call site is one of those that carried events have.
pub(super) fn is_carried(metadata: &'static Metadata<'static>) -> bool {
    CARRIED
        .as_ptr_range()
        .contains(&std::ptr::from_ref(metadata))
}

/// Returns whether it is that of a carried panic.
pub(super) fn is_carried_panic(metadata: &'static Metadata<'static>) -> bool {
    let [.., panic] = &CARRIED;
    std::ptr::eq(panic, metadata)
}

/// The removal of what must not leave the process from an event.
pub(crate) trait Redactor {
    /// The text in place of a hidden value.
    const MASK: &'static str;

    /// Returns what may be shown of a text.
    fn text(&self, raw: &str) -> String;

    /// Returns whether a field of this name is shown without this value.
    fn hides(&self, name: &str, value: &str) -> bool;
}

/// The place in the program that a carried event names.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CarriedPlace<'a> {
    pub(super) name: &'a str,
    pub(super) target: &'a str,
    pub(super) module: Option<&'a str>,
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<u32>,
}

impl<'a> CarriedPlace<'a> {
    /// Reads what follows the thread's name; of bytes that are no head, what there is.
    pub(super) fn read(reader: &mut Reader<'a>) -> Self {
        let mut text = || reader.name().unwrap_or_default();
        let some = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        let (name, target) = (text(), text());
        let (module, file) = (some(text()), some(text()));
        let line = reader.array().map(u32::from_le_bytes);
        Self {
            name,
            target,
            module,
            file,
            line: line.filter(|line| *line > 0),
        }
    }
}

/// Writes an event as it is stored, without what the `redactor` takes out.
pub(crate) fn write(view: &EventView<'_>, redactor: &impl Redactor, out: &mut Vec<u8>) {
    let kind = if view.is_panic() {
        PANIC
    } else {
        level_byte(view.level())
    };
    out.push(kind);
    out.extend_from_slice(&nanoseconds(view.time()).to_le_bytes());
    let place = out.len();
    out.extend_from_slice(&[0; 4]);
    let start = out.len();
    encoding::thread(&redactor.text(view.thread().unwrap_or_default()), out);
    for text in [
        view.name(),
        view.target(),
        view.module().unwrap_or_default(),
        view.file().unwrap_or_default(),
    ] {
        short_text(&redactor.text(text), out);
    }
    out.extend_from_slice(&view.line().unwrap_or_default().to_le_bytes());
    for (name, value) in view.carried_fields() {
        field(name, value, redactor, out);
    }
    write_length(out, place, start);
    let mut fields = Vec::new();
    for span in view.spans() {
        fields.clear();
        for (name, value) in span.fields() {
            field(name, value, redactor, &mut fields);
        }
        let name = redactor.text(span.name());
        encoding::encoded_span(prefix(&name, NAME), &fields, out);
    }
    write_trail(view, redactor, out);
}

/// The name of the event that a process crashed.
const CRASH: &str = "crash";

/// Makes the event that the previous process crashed. It is as severe as a panic, and always the
/// same problem.
pub(crate) fn crash(message: &str, time: SystemTime) -> Event {
    let [.., metadata] = &CARRIED;
    let mut bytes = Vec::new();
    encoding::thread("", &mut bytes);
    for head in [CRASH, "logout", "", ""] {
        short_text(head, &mut bytes);
    }
    bytes.extend_from_slice(&0_u32.to_le_bytes());
    text(MESSAGE, ValueTag::Str, message, &mut bytes);
    text("fingerprint", ValueTag::Str, CRASH, &mut bytes);
    Event::new(metadata, time, bytes.len(), &bytes)
}

/// Returns whether the event is a [`crash`].
pub(super) fn is_crash(
    head: Option<&CarriedPlace<'_>>,
    metadata: &'static Metadata<'static>,
) -> bool {
    is_carried_panic(metadata)
        && head.is_some_and(|head| (head.name, head.target) == (CRASH, "logout"))
}

/// Reads what was written, if it is an event at all.
pub(crate) fn read(bytes: &[u8]) -> Option<Event> {
    let mut reader = Reader::new(bytes);
    let [kind] = reader.array()?;
    let metadata = CARRIED.get(usize::from(kind))?;
    let time = reader.array().map(u64::from_le_bytes)?;
    let time = UNIX_EPOCH.checked_add(Duration::from_nanos(time))?;
    let spans_at = reader.array().map(u32::from_le_bytes)?;
    let spans_at = usize::try_from(spans_at).ok()?;
    let rest = reader.rest();
    (spans_at <= rest.len()).then(|| Event::new(metadata, time, spans_at, rest))
}

/// Returns the level of this number; of one that no level has, the most severe.
pub(crate) fn level(number: u8) -> Level {
    let known = LEVELS.get(usize::from(number));
    known.copied().unwrap_or(Level::ERROR)
}

fn short_text(text: &str, out: &mut Vec<u8>) {
    let text = prefix(text, NAME);
    let length = u16::try_from(text.len()).unwrap_or_default();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Writes a field with its name, without its value where that is hidden.
fn field<R: Redactor>(name: &str, value: Value<'_>, redactor: &R, out: &mut Vec<u8>) {
    let is_hidden = redactor.hides(name, &value.to_string());
    let name = redactor.text(name);
    let name = name.as_str();
    match value {
        // What is no text to show is still an error, so that no other takes its place.
        Value::Error(_) if is_hidden => chain(name, [R::MASK], out),
        _ if is_hidden => text(name, ValueTag::Str, R::MASK, out),
        Value::Str(raw) => text(name, ValueTag::Str, &redactor.text(raw), out),
        Value::Text(raw) => text(name, ValueTag::Text, &redactor.text(raw), out),
        Value::I64(number) => fixed(name, ValueTag::I64, &number.to_le_bytes(), out),
        Value::U64(number) => fixed(name, ValueTag::U64, &number.to_le_bytes(), out),
        Value::I128(number) => fixed(name, ValueTag::I128, &number.to_le_bytes(), out),
        Value::U128(number) => fixed(name, ValueTag::U128, &number.to_le_bytes(), out),
        Value::F64(number) => fixed(name, ValueTag::F64, &number.to_le_bytes(), out),
        Value::Bool(truth) => fixed(name, ValueTag::Bool, &[truth.into()], out),
        Value::Error(texts) => chain(name, texts.map(|raw| redactor.text(raw)), out),
    }
}

fn fixed(name: &str, tag: ValueTag, head: &[u8], out: &mut Vec<u8>) {
    out.push(tag as u8);
    out.extend_from_slice(head);
    short_text(name, out);
}

fn text(name: &str, tag: ValueTag, text: &str, out: &mut Vec<u8>) {
    let length = u32::try_from(text.len()).unwrap_or_default();
    fixed(name, tag, &length.to_le_bytes(), out);
    out.extend_from_slice(text.as_bytes());
}

fn chain(name: &str, texts: impl IntoIterator<Item: AsRef<str>>, out: &mut Vec<u8>) {
    let place = out.len() + 1;
    fixed(name, ValueTag::Error, &[0; 4], out);
    let from = out.len();
    for text in texts {
        let text = text.as_ref();
        let length = u32::try_from(text.len()).unwrap_or_default();
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    write_length(out, place, from);
}

fn write_trail(view: &EventView<'_>, redactor: &impl Redactor, out: &mut Vec<u8>) {
    let Some(trail) = view.trail() else {
        return;
    };
    let mut lines = Vec::with_capacity(TRAIL_HEAD);
    for line in trail.lines() {
        write_line(&line, redactor, &mut lines);
    }
    encoding::trail_head(lines.len(), trail.is_cut(), out);
    out.extend_from_slice(&lines);
}

/// Writes a line of a trail. One that grew beyond its bound by what was made visible in it is left
/// out.
fn write_line(line: &LineView<'_>, redactor: &impl Redactor, lines: &mut Vec<u8>) {
    let start = lines.len();
    lines.extend_from_slice(&[0, 0, level_byte(line.level())]);
    lines.extend_from_slice(&nanoseconds(line.time()).to_le_bytes());
    let mut fields = Vec::new();
    let message = line.message().map(|message| (MESSAGE, message));
    for (name, value) in message.into_iter().chain(line.fields()) {
        field(name, value, redactor, &mut fields);
    }
    let target = redactor.text(line.target());
    encoding::encoded_span(prefix(&target, NAME), &fields, lines);
    end_line(start, lines);
}
