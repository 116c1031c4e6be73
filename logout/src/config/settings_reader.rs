//! A reader of logout's own settings, each by its name.

use std::borrow::Cow;
use std::time::Duration;

use figment::value::Dict;
use tracing::level_filters::LevelFilter;

use super::context::Context;
use super::field_selection::FieldSelection;
use super::level;
use super::value::ValueReader;
use super::value_error::{KeyError, ValueError};
use crate::text::size;

/// Reads key by key what is given. All keys are optional, and one that is wrong counts as absent.
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

    /// Returns what was wrong on the way.
    pub(super) fn into_wrong(self) -> Vec<KeyError> {
        self.wrong
    }

    pub(super) fn bool(&mut self, key: &str) -> Option<bool> {
        self.read(key, |reader| reader.bool())
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, |reader| reader.text().map(Cow::into_owned))
    }

    pub(super) fn level(&mut self, key: &str) -> Option<LevelFilter> {
        self.read(key, |reader| {
            level::parse(&reader.text()?).ok_or_else(|| expected(level::EXPECTED))
        })
    }

    pub(super) fn usize(&mut self, key: &str) -> Option<usize> {
        self.read(key, |reader| {
            let number = reader.integer().and_then(|number| number.try_into().ok());
            number.ok_or_else(|| expected("a non-negative whole number of at most 18 digits"))
        })
    }

    /// Returns a number of bytes.
    pub(super) fn size(&mut self, key: &str) -> Option<usize> {
        self.read(key, |reader| {
            reader.size().ok_or_else(|| expected(size::EXPECTED))
        })
    }

    /// Returns a number of bytes, or `usize::MAX` for `infinity`.
    pub(super) fn size_or_infinity(&mut self, key: &str) -> Option<usize> {
        self.read(key, |reader| match reader.text() {
            Ok(text) if text.trim() == "infinity" => Ok(usize::MAX),
            _ => {
                let what = || format!("{}, or `infinity`", size::EXPECTED);
                reader.size().ok_or_else(|| ValueError::Expected(what()))
            }
        })
    }

    pub(super) fn duration(&mut self, key: &str) -> Option<Duration> {
        self.read(key, |reader| reader.duration())
    }

    pub(super) fn list(&mut self, key: &str) -> Option<Vec<String>> {
        self.read(key, |reader| {
            let items = reader.list()?;
            let texts = items.iter().map(|item| reader.with_value(item).text());
            texts.map(|text| text.map(Cow::into_owned)).collect()
        })
    }

    pub(super) fn field_selection(&mut self, key: &str) -> Option<FieldSelection> {
        let names = self.list(key)?;
        Some(match names.as_slice() {
            [all] if all == "all" => FieldSelection::All,
            _ => FieldSelection::Only(names),
        })
    }

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
