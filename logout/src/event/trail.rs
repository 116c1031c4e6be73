//! Views of the events that led to one, as the worker reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing::Level;

use super::encoding::{LEVELS, TRAIL_NAME};
use super::log_bridge::LOG_TARGET;
use super::reader::Reader;
use super::value::Value;
use super::view::MESSAGE;

/// A view of the events that led to one, oldest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrailView<'a> {
    is_cut: bool,
    lines: Reader<'a>,
}

impl<'a> TrailView<'a> {
    /// Reads the trail that begins here, if one does.
    pub(super) fn read(mut reader: Reader<'a>) -> Option<Self> {
        let name = reader.array().map(u16::from_le_bytes)?;
        let length = reader.array().map(u32::from_le_bytes)?;
        if reader.take(name.into())? != TRAIL_NAME {
            return None;
        }
        let mut lines = Reader::new(reader.take(length.try_into().ok()?)?);
        let [is_cut] = lines.array()?;
        Some(Self {
            is_cut: is_cut != 0,
            lines,
        })
    }

    /// Returns whether older events were left out because memory is scarce.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = LineView<'a>> + use<'a> {
        lines(self.lines).map(|(_, line)| line)
    }
}

/// Reads lines, each with its bytes.
pub(crate) fn encoded_lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], LineView<'_>)> {
    lines(Reader::new(bytes))
}

fn lines<'a>(mut reader: Reader<'a>) -> impl Iterator<Item = (&'a [u8], LineView<'a>)> + use<'a> {
    std::iter::from_fn(move || {
        let before = reader.rest();
        let length = reader.array().map(u16::from_le_bytes)?;
        let line = LineView::read(Reader::new(reader.take(length.into())?))?;
        let bytes = before.get(..before.len() - reader.rest().len())?;
        Some((bytes, line))
    })
}

/// A view of one of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineView<'a> {
    level: Level,
    time: Duration,
    target: &'a str,
    fields: &'a [u8],
}

impl<'a> LineView<'a> {
    fn read(mut reader: Reader<'a>) -> Option<Self> {
        let [level] = reader.array()?;
        let level = *LEVELS.get(usize::from(level))?;
        let time = reader.array().map(u64::from_le_bytes)?;
        let (target, fields) = reader.span()?;
        Some(Self {
            level,
            time: Duration::from_nanos(time),
            target,
            fields,
        })
    }

    pub(crate) fn level(&self) -> Level {
        self.level
    }

    pub(crate) fn time(&self) -> SystemTime {
        UNIX_EPOCH + self.time
    }

    /// Returns the target; of a record that came over the `log` bridge, the record's own.
    pub(crate) fn target(&self) -> &'a str {
        self.field(LOG_TARGET)
            .and_then(Value::text)
            .unwrap_or(self.target)
    }

    /// Returns the text of the macro, or whatever else the field `message` holds.
    pub(crate) fn message(&self) -> Option<Value<'a>> {
        self.field(MESSAGE)
    }

    /// Returns the fields in their order, without the message and what the `log` bridge adds.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        self.all_fields()
            .filter(|(name, _)| *name != MESSAGE && !name.starts_with("log."))
    }

    pub(crate) fn field(&self, name: &str) -> Option<Value<'a>> {
        self.all_fields()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    fn all_fields(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let mut reader = Reader::new(self.fields);
        std::iter::from_fn(move || reader.named())
    }
}
