//! A reader of logout's own settings, one by one.

use std::borrow::Cow;
use std::time::Duration;

use figment::value::Dict;
use tracing::level_filters::LevelFilter;

use super::context::Context;
use super::field_selection::FieldSelection;
use super::level;
use super::value::ValueReader;
use super::value_error::{KeyError, ValueError};
#[cfg(feature = "spool")]
use crate::block::NoticeOf;
#[cfg(feature = "spool")]
use crate::config::spool_directory::SpoolChoice;
use crate::text::size;

/// Reads key by key what is given over what holds without it. A key that is wrong counts as absent.
pub(super) struct SettingsReader<'a> {
    given: &'a Dict,
    context: Context,
    wrong: Vec<KeyError>,
}

impl<'a> SettingsReader<'a> {
    pub(super) fn new(given: &'a Dict) -> Self {
        Self {
            given,
            context: Context::default(),
            wrong: Vec::new(),
        }
    }

    /// Returns the errors of the keys that were read.
    pub(super) fn into_wrong(self) -> Vec<KeyError> {
        self.wrong
    }

    pub(super) fn bool(&mut self, key: &str, place: &mut bool) {
        self.set(key, place, |reader| reader.bool());
    }

    pub(super) fn text(&mut self, key: &str, place: &mut String) {
        self.set(key, place, |reader| reader.text().map(Cow::into_owned));
    }

    pub(super) fn level(&mut self, key: &str, place: &mut LevelFilter) {
        self.set(key, place, |reader| {
            level::parse(&reader.text()?).ok_or_else(|| expected(level::EXPECTED))
        });
    }

    pub(super) fn usize(&mut self, key: &str, place: &mut usize) {
        self.set(key, place, |reader| {
            let number = reader.integer().and_then(|number| number.try_into().ok());
            number.ok_or_else(|| expected("a non-negative whole number of at most 18 digits"))
        });
    }

    /// Reads a number of bytes.
    pub(super) fn size(&mut self, key: &str, place: &mut usize) {
        self.set(key, place, |reader| {
            reader.size().ok_or_else(|| expected(size::EXPECTED))
        });
    }

    /// Reads a number of bytes, or `usize::MAX` for `infinity`.
    pub(super) fn size_or_infinity(&mut self, key: &str, place: &mut usize) {
        self.set(key, place, |reader| match reader.text() {
            Ok(text) if text.trim() == "infinity" => Ok(usize::MAX),
            _ => {
                let what = || format!("{}, or `infinity`", size::EXPECTED);
                reader.size().ok_or_else(|| ValueError::Expected(what()))
            }
        });
    }

    pub(super) fn duration(&mut self, key: &str, place: &mut Duration) {
        self.set(key, place, |reader| reader.duration());
    }

    /// Reads a directory, or whether the system's is meant.
    #[cfg(feature = "spool")]
    pub(super) fn directory(&mut self, key: &str) -> Option<SpoolChoice> {
        self.read(key, |reader| match reader.bool() {
            Ok(true) => Ok(SpoolChoice::Standard),
            Ok(false) => Ok(SpoolChoice::None),
            Err(_) => match reader.text()?.trim() {
                "" => Err(expected("a directory, or `true`")),
                path => Ok(SpoolChoice::At(path.into())),
            },
        })
    }

    #[cfg(feature = "spool")]
    pub(super) fn notices(&mut self, key: &str, place: &mut Vec<NoticeOf>) {
        self.set(key, place, |reader| {
            let items = reader.list()?;
            let notices = items.iter().map(|item| {
                let text = reader.with_value(item).text()?;
                let expected = || expected("crashed, started or stopped");
                NoticeOf::parse(&text).ok_or_else(expected)
            });
            notices.collect()
        });
    }

    pub(super) fn list(&mut self, key: &str) -> Option<Vec<String>> {
        self.read(key, |reader| {
            let items = reader.list()?;
            let texts = items.iter().map(|item| reader.with_value(item).text());
            texts.map(|text| text.map(Cow::into_owned)).collect()
        })
    }

    pub(super) fn field_selection(&mut self, key: &str, place: &mut FieldSelection) {
        if let Some(names) = self.list(key) {
            *place = match names.as_slice() {
                [all] if all == "all" => FieldSelection::All,
                _ => FieldSelection::Only(names),
            };
        }
    }

    /// Takes over the value of `key` where it is given and right.
    pub(super) fn set<T>(
        &mut self,
        key: &str,
        place: &mut T,
        read: fn(ValueReader<'_>) -> Result<T, ValueError>,
    ) {
        if let Some(value) = self.read(key, read) {
            *place = value;
        }
    }

    /// Returns the value of `key` where it is given and right.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        read: fn(ValueReader<'_>) -> Result<T, ValueError>,
    ) -> Option<T> {
        let reader = ValueReader::new(self.given.get(key)?, &self.context, false);
        if reader.is_absent() {
            return None;
        }
        read(reader)
            .map_err(|error| self.wrong.push(KeyError::new(key, error)))
            .ok()
    }
}

fn expected(what: &str) -> ValueError {
    ValueError::Expected(what.to_owned())
}
