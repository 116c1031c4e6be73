//! Settings of logout's own, each looked up by its name.

use std::borrow::Cow;
use std::time::Duration;

use figment::value::{Dict, Value};
use tracing::level_filters::LevelFilter;

use super::context::Context;
use super::duration;
use super::field_selection::FieldSelection;
use super::level;
use super::value::ValueReader;
use super::value_error::{KeyError, ValueError};

/// What is given, read key by key. All keys are optional, and one that is wrong counts as absent.
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

    /// What was wrong on the way.
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
            number.ok_or_else(|| expected("a whole number from 0 on, of at most 18 digits"))
        })
    }

    /// A number of bytes.
    pub(super) fn bytes(&mut self, key: &str) -> Option<usize> {
        self.read(key, |reader| match reader.text()?.trim() {
            "infinity" => Ok(usize::MAX),
            digits => digits
                .parse()
                .map_err(|_| expected("a number of bytes or `infinity`")),
        })
    }

    pub(super) fn duration(&mut self, key: &str) -> Option<Duration> {
        self.read(key, |reader| {
            let span = match reader.value {
                Value::Num(..) => Duration::try_from_secs_f64(reader.float()?).ok(),
                _ => reader.text().ok().and_then(|text| duration::parse(&text)),
            };
            span.ok_or_else(|| expected(duration::EXPECTED))
        })
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

    fn read<T>(
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
