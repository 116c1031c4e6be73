//! Views of captured events, as the worker reads them.

use std::borrow::Cow;
use std::time::SystemTime;

use tracing::{Level, Metadata, field};

#[cfg(feature = "spool")]
use super::carried::{self, CarriedPlace};
use super::decoding::RawValue;
use super::log_bridge::{LOG_FILE, LOG_LINE, LOG_TARGET, is_bridged};
use super::panic_callsite::{BACKTRACE, is_panic};
use super::reader::Reader;
use super::trail::TrailView;
use super::value::Value;

pub(super) const MESSAGE: &str = "message";

/// A view of a captured event, borrowed from the bytes that hold it.
///
/// Reading is total: bytes that no encoder wrote end an iteration, they never panic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventView<'a> {
    metadata: &'static Metadata<'static>,
    time: SystemTime,
    bytes: &'a [u8],
    spans_at: usize,
    thread: Option<&'a str>,
    fields: &'a [u8],
    spans: &'a [u8],
    /// The place it names, if it comes from another process.
    #[cfg(feature = "spool")]
    head: Option<CarriedPlace<'a>>,
}

impl<'a> EventView<'a> {
    /// Reads the event of `metadata` whose span part begins at `spans_at` in `bytes`.
    pub(crate) fn new(
        metadata: &'static Metadata<'static>,
        time: SystemTime,
        bytes: &'a [u8],
        spans_at: usize,
    ) -> Self {
        let (event, spans) = bytes.split_at_checked(spans_at).unwrap_or((bytes, &[]));
        let mut reader = Reader::new(event);
        let thread = reader.short_text().filter(|name| !name.is_empty());
        #[cfg(feature = "spool")]
        let head = carried::is_carried(metadata).then(|| CarriedPlace::read(&mut reader));
        Self {
            metadata,
            time,
            bytes,
            spans_at,
            thread,
            fields: reader.rest(),
            spans,
            #[cfg(feature = "spool")]
            head,
        }
    }

    pub(crate) fn metadata(&self) -> &'static Metadata<'static> {
        self.metadata
    }

    pub(crate) fn level(&self) -> Level {
        *self.metadata.level()
    }

    pub(crate) fn time(&self) -> SystemTime {
        self.time
    }

    /// Returns the target; of a record that came over the `log` bridge, the record's own.
    pub(crate) fn target(&self) -> &'a str {
        #[cfg(feature = "spool")]
        if let Some(head) = self.head {
            return head.target;
        }
        self.bridged_text(LOG_TARGET)
            .unwrap_or_else(|| self.metadata.target())
    }

    pub(crate) fn module(&self) -> Option<&'a str> {
        #[cfg(feature = "spool")]
        if let Some(head) = self.head {
            return head.module;
        }
        self.bridged_text("log.module_path")
            .or_else(|| self.metadata.module_path())
    }

    pub(crate) fn file(&self) -> Option<&'a str> {
        #[cfg(feature = "spool")]
        if let Some(head) = self.head {
            return head.file;
        }
        self.bridged_text(LOG_FILE).or_else(|| self.metadata.file())
    }

    pub(crate) fn line(&self) -> Option<u32> {
        #[cfg(feature = "spool")]
        if let Some(head) = self.head {
            return head.line;
        }
        if self.carries_its_place()
            && let Some(Value::U64(line)) = self.all_fields().named(LOG_LINE)
        {
            return u32::try_from(line).ok();
        }
        self.metadata.line()
    }

    /// Returns the thread's name; none for the main thread and for one without a name.
    pub(crate) fn thread(&self) -> Option<&'a str> {
        self.thread
    }

    /// Returns the text of the macro, or whatever else the field `message` holds.
    pub(crate) fn message(&self) -> Option<Cow<'a, str>> {
        self.all_fields().named(MESSAGE).map(Value::into_text)
    }

    /// Returns the fields in the order in which they were written, without the message and without
    /// what the `log` bridge adds.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let has_place = self.carries_its_place();
        let (has_log_place, has_trace) = (has_place, has_place);
        #[cfg(feature = "spool")]
        let (has_log_place, has_trace) = match self.head {
            Some(_) => (false, self.is_panic()),
            None => (has_log_place, has_trace),
        };
        let is_shown = move |(name, _): &(&str, Value<'_>)| {
            let is_place =
                has_log_place && name.starts_with("log.") || has_trace && *name == BACKTRACE;
            *name != MESSAGE && !is_place
        };
        self.all_fields().filter(is_shown)
    }

    /// Returns the first field that holds an error, else the field that is called one.
    pub(crate) fn error(&self) -> Option<(&'a str, Value<'a>)> {
        self.message_and_error().error
    }

    /// Returns [`message`](Self::message) and [`error`](Self::error), read in one pass.
    pub(crate) fn message_and_error(&self) -> MessageAndError<'a> {
        let (mut message, mut typed, mut called, mut short) = (None, None, None, None);
        let mut fields = self.all_fields();
        while let Some((_, name, value)) = fields.raw() {
            let field = Some((name, value));
            if value.is_error() {
                typed = typed.or(field);
            }
            match name {
                MESSAGE => message = message.or(field),
                "error" | "err" => called = called.or(field),
                "e" => short = short.or(field),
                _ => {}
            }
        }
        let read = |field: Option<(&'a str, RawValue<'a>)>| {
            let (name, value) = field?;
            Some((name, value.read()?))
        };
        MessageAndError {
            message: read(message).map(|(_, message)| message.into_text()),
            error: read(typed.or(called)),
            short: read(short).map(|(_, value)| value),
        }
    }

    /// Returns the spans around the event, innermost first.
    pub(crate) fn spans(&self) -> impl Iterator<Item = SpanView<'a>> + use<'a> {
        self.encoded_spans()
            .map(|(name, fields)| SpanView { name, fields })
    }

    /// Returns the names of the spans with their fields as they are encoded.
    pub(super) fn encoded_spans(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        let mut reader = Reader::new(self.spans);
        std::iter::from_fn(move || reader.span())
    }

    /// Returns the events that led to this one.
    pub(crate) fn trail(&self) -> Option<TrailView<'a>> {
        let mut reader = Reader::new(self.spans);
        loop {
            let before = reader;
            if reader.span().is_none() {
                return TrailView::read(before);
            }
        }
    }

    /// Returns all fields with their positions in the call site.
    pub(super) fn indexed_fields(
        &self,
    ) -> impl Iterator<Item = (u16, &'a str, Value<'a>)> + use<'a> {
        let mut fields = self.all_fields();
        std::iter::from_fn(move || fields.indexed())
    }

    /// Returns the field of this name: the event's own, else that of the innermost span that has
    /// it.
    pub(crate) fn field(&self, name: &str) -> Option<Value<'a>> {
        self.all_fields()
            .named(name)
            .or_else(|| self.spans().find_map(|span| span.field(name)))
    }

    /// Returns whether the event, or a span around it, has a field whose name `is_it` accepts.
    pub(crate) fn has_field(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.has_own_field(&is_it) || self.has_field_of_span(is_it)
    }

    /// Returns whether the event itself has a field whose name `is_it` accepts: if its call site is
    /// its own, that tells.
    pub(crate) fn has_own_field(&self, is_it: impl Fn(&str) -> bool) -> bool {
        #[cfg(feature = "spool")]
        if self.is_carried() && self.all_fields().any(|(name, _)| is_it(name)) {
            return true;
        }
        let mut fields = self.metadata.fields().iter();
        fields.any(|field| is_it(field.name()))
    }

    /// Returns whether a span around it has a field whose name `is_it` accepts.
    pub(crate) fn has_field_of_span(&self, is_it: impl Fn(&str) -> bool) -> bool {
        let mut spans = self.spans();
        spans.any(|span| span.fields().any(|(name, _)| is_it(name)))
    }

    /// Returns the backtrace of a panic.
    pub(crate) fn backtrace(&self) -> Option<&'a str> {
        if !self.is_panic() {
            return None;
        }
        self.all_fields().named(BACKTRACE).and_then(Value::text)
    }

    /// Returns whether it is a panic that the hook captured.
    pub(crate) fn is_panic(&self) -> bool {
        is_any_panic(self.metadata)
    }

    /// Returns the name of its call site, for lack of a message.
    pub(crate) fn name(&self) -> &'a str {
        #[cfg(feature = "spool")]
        if let Some(head) = self.head {
            return head.name;
        }
        self.metadata.name()
    }

    /// Copies the event into bytes of its own.
    pub(crate) fn to_owned_event(self) -> Event {
        Event::new(self.metadata, self.time, self.spans_at, self.bytes)
    }

    /// Returns whether it comes from another process.
    #[cfg(feature = "spool")]
    pub(crate) fn is_carried(&self) -> bool {
        self.head.is_some()
    }

    /// Returns whether it reports that a process crashed.
    #[cfg(feature = "spool")]
    pub(crate) fn is_crash(&self) -> bool {
        carried::is_crash(self.head.as_ref(), self.metadata)
    }

    /// Returns its bytes and the position of its spans in them.
    #[cfg(feature = "spool")]
    pub(super) fn raw(&self) -> (&'a [u8], usize) {
        (self.bytes, self.spans_at)
    }

    /// Returns all fields but those that hold its place.
    #[cfg(feature = "spool")]
    pub(super) fn carried_fields(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let has_log_place = self.carries_its_place() && !self.is_carried();
        self.all_fields()
            .filter(move |(name, _)| !(has_log_place && name.starts_with("log.")))
    }

    #[cfg(fuzzing)]
    pub(crate) fn every_field(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.all_fields()
    }

    fn all_fields(&self) -> EventFields<'a> {
        EventFields {
            metadata: self.metadata,
            reader: Reader::new(self.fields),
            names: self.metadata.fields().iter(),
            passed: 0,
        }
    }

    /// Returns whether target, module, file and line are fields, since its call site is not where
    /// it happened.
    pub(crate) fn carries_its_place(&self) -> bool {
        #[cfg(feature = "spool")]
        if self.is_carried() {
            return true;
        }
        is_bridged(self.metadata) || self.is_panic()
    }

    fn bridged_text(&self, name: &str) -> Option<&'a str> {
        if !self.carries_its_place() {
            return None;
        }
        self.all_fields().named(name).and_then(Value::text)
    }
}

/// The message and the error of an event.
#[derive(Debug)]
pub(crate) struct MessageAndError<'a> {
    pub(crate) message: Option<Cow<'a, str>>,
    pub(crate) error: Option<(&'a str, Value<'a>)>,
    /// The field `e`.
    pub(crate) short: Option<Value<'a>>,
}

/// The fields of an event, whose names are looked up by their positions in its call site.
#[derive(Debug)]
struct EventFields<'a> {
    metadata: &'static Metadata<'static>,
    reader: Reader<'a>,
    /// The remaining names of the call site, and how many came before.
    names: field::Iter,
    passed: u16,
}

impl<'a> EventFields<'a> {
    fn named(mut self, name: &str) -> Option<Value<'a>> {
        loop {
            let (_, known, value) = self.raw()?;
            if known == name {
                return value.read();
            }
        }
    }

    fn indexed(&mut self) -> Option<(u16, &'a str, Value<'a>)> {
        let (index, name, value) = self.raw()?;
        Some((index, name, value.read()?))
    }

    /// Reads the next one without decoding its value.
    fn raw(&mut self) -> Option<(u16, &'a str, RawValue<'a>)> {
        // There it has none.
        #[cfg(feature = "spool")]
        if carried::is_carried(self.metadata) {
            let (name, value) = self.reader.raw_named()?;
            return Some((u16::MAX, name, value));
        }
        let (index, value) = self.reader.raw_indexed()?;
        if index < self.passed {
            (self.names, self.passed) = (self.metadata.fields().iter(), 0);
        }
        let name = self.names.nth((index - self.passed).into())?.name();
        self.passed = index.saturating_add(1);
        Some((index, name, value))
    }
}

impl<'a> Iterator for EventFields<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (_, name, value) = self.indexed()?;
        Some((name, value))
    }
}

/// A view of a captured span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanView<'a> {
    name: &'a str,
    fields: &'a [u8],
}

impl<'a> SpanView<'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// Returns the fields in the order in which they were last recorded.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let mut reader = Reader::new(self.fields);
        std::iter::from_fn(move || reader.named())
    }

    pub(crate) fn field(&self, name: &str) -> Option<Value<'a>> {
        self.fields()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

/// A captured event that owns its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    metadata: &'static Metadata<'static>,
    time: SystemTime,
    spans_at: usize,
    bytes: Box<[u8]>,
}

impl Event {
    pub(crate) fn new(
        metadata: &'static Metadata<'static>,
        time: SystemTime,
        spans_at: usize,
        bytes: &[u8],
    ) -> Self {
        Self {
            metadata,
            time,
            spans_at,
            bytes: bytes.into(),
        }
    }

    pub(crate) fn view(&self) -> EventView<'_> {
        EventView::new(self.metadata, self.time, &self.bytes, self.spans_at)
    }

    pub(crate) fn metadata(&self) -> &'static Metadata<'static> {
        self.metadata
    }

    /// Returns whether it is a panic that the hook captured.
    pub(crate) fn is_panic(&self) -> bool {
        is_any_panic(self.metadata)
    }

    /// Returns its parts, for tests that push a similar one.
    #[cfg(test)]
    pub(crate) fn parts(&self) -> (&'static Metadata<'static>, usize, &[u8]) {
        (self.metadata, self.spans_at, &self.bytes)
    }

    /// Returns how many bytes it occupies.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }
}

/// Returns whether events of this call site are panics, of this process or of another.
fn is_any_panic(metadata: &'static Metadata<'static>) -> bool {
    #[cfg(feature = "spool")]
    if carried::is_carried_panic(metadata) {
        return true;
    }
    is_panic(metadata)
}
