//! The texts of a problem that takes in what its call site says too much of.

use std::fmt::Write as _;

use crate::event::EventView;
use crate::event::encoding::truncated;
use crate::message::Composer;
use crate::text::first_line;

/// One of the texts that are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToldText {
    message: String,
    /// The field of the error, and its first line.
    error: Option<(String, String)>,
    pub(crate) events: u64,
}

impl ToldText {
    /// How many of those that are told together are shown.
    const SHOWN: usize = 8;

    /// Bytes of a message, and of an error, that are kept.
    const KEPT: usize = 160;

    pub(crate) fn of(event: &EventView<'_>) -> Self {
        let line = |text: &str| -> String {
            let begun = text.trim_start();
            let line = first_line(begun);
            // What color-eyre writes begins with an empty line and a number.
            let is_numbered = begun.len() < text.len();
            let first = line.strip_prefix("0: ").filter(|_| is_numbered);
            let line = first.unwrap_or(line);
            // It says so where it is cut: half a secret is looked for there.
            truncated(line, Self::KEPT).concat()
        };
        let error = event.error();
        Self {
            message: line(&event.message().unwrap_or_default()),
            error: error.map(|(name, error)| (name.to_owned(), line(&error.into_text()))),
            events: 1,
        }
    }

    /// Counts it among those that are shown, while there are not too many to read.
    pub(crate) fn count_among(self, texts: &mut Vec<Self>) {
        if let Some(known) = texts.iter_mut().find(|known| known.is_like(&self)) {
            known.events += self.events;
        } else if texts.len() < Self::SHOWN {
            texts.push(self);
        }
    }

    /// Returns whether the two say the same.
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
