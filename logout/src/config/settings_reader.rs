//! Settings of logout's own, each looked up by its name.

use std::borrow::Cow;
use std::time::Duration;

use figment::value::{Dict, Value};
use tracing::level_filters::LevelFilter;

use super::context::Context;
use super::duration;
use super::instance_deserializer::Wrong;
use super::level;
use super::settings::FieldSelection;
use super::value::Reader;
use super::value_error::ValueError;

/// What is given, read key by key. All keys are optional, and one that is wrong counts as absent.
pub(super) struct Lookup<'a> {
    given: &'a Dict,
    surroundings: Context,
    wrong: Vec<Wrong>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(given: &'a Dict) -> Self {
        Self {
            given,
            surroundings: Context::default(),
            wrong: Vec::new(),
        }
    }

    /// What was wrong on the way.
    pub(super) fn into_wrong(self) -> Vec<Wrong> {
        self.wrong
    }

    pub(super) fn truth(&mut self, key: &str) -> Option<bool> {
        self.read(key, |reader| reader.truth())
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, |reader| reader.text().map(Cow::into_owned))
    }

    pub(super) fn level(&mut self, key: &str) -> Option<LevelFilter> {
        self.read(key, |reader| {
            level::parse(&reader.text()?).ok_or_else(|| expected(level::EXPECTED))
        })
    }

    pub(super) fn count(&mut self, key: &str) -> Option<usize> {
        self.read(key, |reader| {
            let number = reader.integer().and_then(|number| number.try_into().ok());
            number.ok_or_else(|| expected("a whole number from 0 on, of at most 18 digits"))
        })
    }

    /// A number of bytes.
    pub(super) fn length(&mut self, key: &str) -> Option<usize> {
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
                Value::Num(..) => Duration::try_from_secs_f64(reader.fraction()?).ok(),
                _ => reader.text().ok().and_then(|text| duration::parse(&text)),
            };
            span.ok_or_else(|| expected(duration::EXPECTED))
        })
    }

    pub(super) fn list(&mut self, key: &str) -> Option<Vec<String>> {
        self.read(key, |reader| {
            let items = reader.items()?;
            let texts = items.iter().map(|item| reader.of(item).text());
            texts.map(|text| text.map(Cow::into_owned)).collect()
        })
    }

    pub(super) fn shown(&mut self, key: &str) -> Option<FieldSelection> {
        let names = self.list(key)?;
        Some(match names.as_slice() {
            [all] if all == "all" => FieldSelection::All,
            _ => FieldSelection::Only(names),
        })
    }

    fn read<T>(&mut self, key: &str, read: fn(Reader<'_>) -> Result<T, ValueError>) -> Option<T> {
        let reader = Reader::new(self.given.get(key)?, &self.surroundings, false);
        if reader.is_absent() {
            return None;
        }
        read(reader)
            .map_err(|fail| self.wrong.push(Wrong::new(key, fail)))
            .ok()
    }
}

fn expected(what: &str) -> ValueError {
    ValueError::Expected(what.to_owned())
}
