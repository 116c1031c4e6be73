//! A merged value, read as the type that its field asks for.
//!
//! figment's own deserializer guesses types from the text of a variable and quotes values in its
//! errors; here the field's type decides how text is read, and no error holds a value.

use std::borrow::Cow;
use std::time::Duration;

use figment::value::{Dict, Empty, Num, Value};

use super::context::Context;
use super::environment::{IN_QUOTES, trimmed};
use super::value_error::ValueError;
use crate::adapter::span::SPAN;
#[cfg(feature = "fleet")]
use crate::fleet::{ADDRESS as BROKER_ADDRESS, BrokerAddress};
use crate::text::human::parse_number;
use crate::text::{duration, size};
use crate::transport::Url;
use crate::transport::secret::SECRET;
use crate::transport::url::{SECRET_URL, URL, is_insecure};

/// A value that is being read.
#[derive(Clone, Copy)]
pub(crate) struct ValueReader<'a> {
    pub(super) value: &'a Value,
    context: &'a Context,
    /// An empty secret is a mistake even where the field is optional.
    secret: bool,
}

impl<'a> ValueReader<'a> {
    pub(crate) fn new(value: &'a Value, context: &'a Context, secret: bool) -> Self {
        Self {
            value,
            context,
            secret,
        }
    }

    /// Returns a reader for a part of its value.
    pub(super) fn with_value<'b>(self, value: &'b Value) -> ValueReader<'b>
    where
        'a: 'b,
    {
        ValueReader { value, ..self }
    }

    /// Returns whether there is no value.
    pub(super) fn is_absent(self) -> bool {
        match self.value {
            Value::Empty(_, Empty::None | Empty::Unit) => true,
            // The result of `VARIABLE=${OTHER:-}`.
            Value::String(_, text) => text.is_empty() && !self.secret,
            _ => false,
        }
    }

    /// Returns the text as it was written.
    pub(super) fn text(self) -> Result<Cow<'a, str>, ValueError> {
        match self.value {
            Value::String(_, text) => Ok(Cow::Borrowed(text)),
            Value::Char(_, letter) => Ok(Cow::Owned(letter.to_string())),
            Value::Num(_, number) => whole(*number)
                .map(Cow::Owned)
                .ok_or_else(|| unquoted("a number loses its form (1.10 becomes 1.1)")),
            Value::Bool(..) => Err(unquoted("this is a boolean")),
            Value::Dict(_, dict) if is_date(dict) => Err(unquoted("this is a date")),
            Value::Dict(..) | Value::Array(..) | Value::Empty(..) => {
                Err(ValueError::Expected("text".to_owned()))
            }
        }
    }

    /// Returns the text of a secret.
    fn secret_text(self) -> Result<String, ValueError> {
        let text = self.text()?;
        let text = trimmed(&text);
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        self.context.record_secret(text);
        check_quotes(text)?;
        Ok(text.to_owned())
    }

    /// Returns the text of a secret address. An adapter may send to another path with the same
    /// token in it.
    fn secret_address(self) -> Result<String, ValueError> {
        let text = self.secret_text()?;
        self.check_address(&text)?;
        let parts = text.split(['/', '?', '&', '=']).skip(3).map(str::trim);
        // A number is an id, such as that of a Discord webhook, and no secret.
        let tokens = parts.filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()));
        tokens.for_each(|token| self.context.record_token(token));
        Ok(text)
    }

    /// Checks that `text` is an allowed address.
    fn check_address(self, text: &str) -> Result<(), ValueError> {
        let text = trimmed(text);
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        check_quotes(text)?;
        let url = Url::parse(text).map_err(|error| ValueError::Message(error.to_string()))?;
        if is_insecure(&url) && !self.context.allow_http {
            return Err(ValueError::Message(INSECURE.to_owned()));
        }
        Ok(())
    }

    /// Returns the text for a type with a form of its own, by the type's name.
    pub(super) fn text_of_type(self, name: &str) -> Option<Result<Cow<'a, str>, ValueError>> {
        Some(match name {
            SECRET => self.secret_text().map(Cow::Owned),
            SECRET_URL => self.secret_address().map(Cow::Owned),
            URL => self
                .text()
                .and_then(|text| self.check_address(&text).map(|()| text))
                .map(|text| Cow::Owned(trimmed(&text).to_owned())),
            SPAN => self.duration_text(),
            #[cfg(feature = "fleet")]
            BROKER_ADDRESS => self.broker_address(),
            _ => return None,
        })
    }

    /// Returns the text of a broker's address, whose password no message may contain.
    #[cfg(feature = "fleet")]
    fn broker_address(self) -> Result<Cow<'a, str>, ValueError> {
        let text = self.text()?;
        let address = BrokerAddress::parse(&text).map_err(ValueError::Message)?;
        if let Some(password) = address.password() {
            self.context.record_secret(password.expose());
        }
        if address.is_open() && !self.context.allow_http {
            let why = "it is not encrypted and leads to another machine; write rediss://, or set `fleet.allow_plain = true`";
            return Err(ValueError::Message(why.to_owned()));
        }
        Ok(text)
    }

    /// Returns the text of a duration.
    fn duration_text(self) -> Result<Cow<'a, str>, ValueError> {
        let text = self.text().ok();
        text.filter(|text| duration::parse(text).is_some())
            .ok_or_else(|| ValueError::Expected(duration::EXPECTED.to_owned()))
    }

    /// Returns a duration; a bare number is seconds.
    pub(super) fn duration(self) -> Result<Duration, ValueError> {
        let span = match self.value {
            Value::Num(..) => Duration::try_from_secs_f64(self.float()?).ok(),
            _ => self.text().ok().and_then(|text| duration::parse(&text)),
        };
        span.ok_or_else(|| ValueError::Expected(duration::EXPECTED.to_owned()))
    }

    /// Returns a number of bytes.
    pub(super) fn size(self) -> Option<usize> {
        size::parse(&self.text().ok()?)
    }

    pub(super) fn integer(self) -> Option<i128> {
        match self.value {
            Value::String(_, text) => text.trim().parse().ok(),
            Value::Num(_, number) => signed(*number),
            _ => None,
        }
    }

    pub(super) fn char(self) -> Result<char, ValueError> {
        let text = self.text()?;
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => Ok(letter),
            _ => Err(ValueError::Expected("a single character".to_owned())),
        }
    }

    pub(super) fn bool(self) -> Result<bool, ValueError> {
        match self.value {
            Value::Bool(_, truth) => Some(*truth),
            Value::String(_, text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true),
                "false" | "no" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| ValueError::Expected("`true` or `false`".to_owned()))
    }

    pub(super) fn float(self) -> Result<f64, ValueError> {
        match self.value {
            Value::String(_, text) => parse_number(text),
            Value::Num(_, whole) => whole.to_f64().or_else(|| {
                // By way of text, since there is no lossless cast and settings are small.
                parse_number(&signed(*whole)?.to_string())
            }),
            _ => None,
        }
        .ok_or_else(|| ValueError::Expected("a number".to_owned()))
    }

    /// Returns the values of a list, which a text separates by commas.
    pub(super) fn list(self) -> Result<Cow<'a, [Value]>, ValueError> {
        match self.value {
            Value::Array(_, values) => Ok(Cow::Borrowed(values)),
            Value::String(tag, text) => {
                let parts = text.split(',').map(str::trim);
                Ok(parts
                    .filter(|part| !part.is_empty())
                    .map(|part| Value::String(*tag, part.to_owned()))
                    .collect())
            }
            _ => Err(ValueError::Expected(
                "a list (in a variable: `a, b, c`)".to_owned(),
            )),
        }
    }

    pub(super) fn table(self) -> Result<&'a Dict, ValueError> {
        match self.value {
            Value::Dict(_, dict) if !is_date(dict) => Ok(dict),
            _ => Err(ValueError::Expected("a table".to_owned())),
        }
    }

    /// Returns the name of one of `variants`, in any case, with the value of a table of one key.
    pub(super) fn variant(
        self,
        variants: &'static [&'static str],
    ) -> Result<(Cow<'a, str>, Option<Self>), ValueError> {
        let (name, content) = match self.value {
            Value::Dict(_, dict) if dict.len() == 1 => match dict.first_key_value() {
                Some((name, content)) => {
                    (Cow::Borrowed(name.as_str()), Some(self.with_value(content)))
                }
                None => return Err(ValueError::Empty),
            },
            _ => (self.text()?, None),
        };
        let known = variants
            .iter()
            .find(|variant| variant.eq_ignore_ascii_case(name.trim()));
        Ok((known.map_or(name, |known| Cow::Borrowed(*known)), content))
    }
}

pub(crate) const INSECURE: &str = "its scheme must be `https`; `http` goes to this machine only, or anywhere with `allow_http = true`";

/// Checks that `text` does not begin with a quotation mark, as no secret and no address does.
fn check_quotes(text: &str) -> Result<(), ValueError> {
    if text.starts_with(['"', '\'']) {
        return Err(ValueError::Message(IN_QUOTES.to_owned()));
    }
    Ok(())
}

fn unquoted(why: &str) -> ValueError {
    ValueError::Message(format!("expected text, but {why}: put it in quotes"))
}

/// Returns whether this is a date from the TOML parser, in the form for formats without dates.
fn is_date(dict: &Dict) -> bool {
    dict.keys().any(|key| key.starts_with("$__toml_private"))
}

fn signed(number: Num) -> Option<i128> {
    number
        .to_i128()
        .or_else(|| number.to_u128().and_then(|number| number.try_into().ok()))
}

fn whole(number: Num) -> Option<String> {
    signed(number).map(|number| number.to_string())
}

/// Returns every text in `value`, to find out whether a sentence quotes it.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(_, text) => vec![text.clone()],
        Value::Char(_, letter) => vec![letter.to_string()],
        Value::Num(_, number) => match whole(*number) {
            Some(text) => vec![text],
            None => number
                .to_f64()
                .map(|number| number.to_string())
                .into_iter()
                .collect(),
        },
        Value::Bool(..) | Value::Empty(..) => Vec::new(),
        Value::Dict(_, dict) => dict.values().flat_map(texts).collect(),
        Value::Array(_, values) => values.iter().flat_map(texts).collect(),
    }
}
