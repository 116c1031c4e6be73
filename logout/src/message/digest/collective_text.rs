//! The texts of a collective problem, each with its count.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::event::EventView;
use crate::event::encoding::truncated;
use crate::message::Composer;
use crate::text::first_line;

/// One text of a collective problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CollectiveText {
    message: String,
    /// The field of the error, and its first line.
    error: Option<(String, String)>,
    pub(crate) events: u64,
}

/// The texts of an event, of which a [`CollectiveText`] keeps the first lines.
struct EventLines<'e> {
    message: Line<'e>,
    error: Option<(&'e str, Line<'e>)>,
}

impl<'e> EventLines<'e> {
    fn of(event: &EventView<'e>) -> Self {
        let said = event.message_and_error();
        let error = said.error;
        Self {
            message: Line(said.message.unwrap_or_default()),
            error: error.map(|(name, error)| (name, Line(error.into_text()))),
        }
    }

    fn to_collective(&self) -> CollectiveText {
        let error = self.error.as_ref();
        CollectiveText {
            message: self.message.kept().concat(),
            error: error.map(|(name, line)| ((*name).to_owned(), line.kept().concat())),
            events: 1,
        }
    }
}

/// A text of which the first line is kept.
struct Line<'e>(Cow<'e, str>);

impl Line<'_> {
    /// Returns the kept part, and the mark of a cut: the end of a cut text may be half a secret.
    fn kept(&self) -> [&str; 2] {
        let begun = self.0.trim_start();
        let line = first_line(begun);
        // The text of color-eyre begins with an empty line and a number.
        let is_numbered = begun.len() < self.0.len();
        let first = line.strip_prefix("0: ").filter(|_| is_numbered);
        truncated(first.unwrap_or(line), CollectiveText::KEPT)
    }
}

/// Returns whether `kept` is this line with its mark.
fn is_told([line, mark]: [&str; 2], kept: &str) -> bool {
    kept.strip_prefix(line) == Some(mark)
}

impl CollectiveText {
    /// The most texts that are shown of one problem.
    const SHOWN: usize = 8;

    /// The bytes of a message, and of an error, that are kept.
    const KEPT: usize = 160;

    pub(crate) fn of(event: &EventView<'_>) -> Self {
        EventLines::of(event).to_collective()
    }

    /// Counts the text of an event among `texts`, or adds it while there are not too many to read.
    pub(crate) fn count(event: &EventView<'_>, texts: &mut Vec<Self>) {
        let said = EventLines::of(event);
        let message = said.message.kept();
        let error = said.error.as_ref();
        let error = error.map(|(name, line)| (*name, line.kept()));
        let is_like = |known: &&mut Self| {
            let is_error_told = match (error, &known.error) {
                (Some((name, line)), Some((known, text))) => name == known && is_told(line, text),
                (None, None) => true,
                _ => false,
            };
            is_error_told && is_told(message, &known.message)
        };
        if let Some(known) = texts.iter_mut().find(is_like) {
            known.events += 1;
        } else if texts.len() < Self::SHOWN {
            texts.push(said.to_collective());
        }
    }

    /// Counts it among `texts`, or adds it while there are not too many to read.
    pub(crate) fn count_among(self, texts: &mut Vec<Self>) {
        if let Some(known) = texts.iter_mut().find(|known| known.is_like(&self)) {
            known.events += self.events;
        } else if texts.len() < Self::SHOWN {
            texts.push(self);
        }
    }

    /// Returns whether the two texts are equal, whatever their counts.
    fn is_like(&self, other: &Self) -> bool {
        (&self.message, &self.error) == (&other.message, &other.error)
    }

    pub(crate) fn size(&self) -> usize {
        let error = self.error.as_ref();
        let error = error.map_or(0, |(name, text)| name.capacity() + text.capacity());
        size_of::<Self>() + self.message.capacity() + error
    }

    pub(super) fn shown(&self, composer: &Composer<'_>) -> String {
        let error = self.error.as_ref();
        let error = error.filter(|(name, _)| !composer.mask.covers(name));
        let error = error.map(|(_, error)| composer.text(error));
        let mut text = composer.text(&self.message);
        if let Some(error) = error.filter(|error| !text.contains(error)) {
            let colon = if text.is_empty() { "" } else { ": " };
            let _infallible = write!(text, "{colon}{error}");
        }
        text
    }
}
