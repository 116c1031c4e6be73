//! Why a value could not be read, in words that cannot hold the value.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

/// Why one value could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fail {
    /// It is not what is named here.
    Expected(String),
    /// A sentence of this crate, free of the value.
    Told(String),
    /// A sentence of the adapter's own, which may quote the value.
    Foreign(String),
    /// It is there and holds nothing.
    Empty,
    /// A required key is absent.
    Missing(&'static str),
    /// A key is given twice, under its name and under another.
    Duplicate(&'static str),
}

impl Fail {
    /// The same without anything that `values` say.
    pub(crate) fn without(self, values: &[String]) -> Self {
        match self {
            Self::Foreign(text) => {
                let told = redact(&text, values).unwrap_or_else(|| "it is not accepted".to_owned());
                Self::Told(told)
            }
            other => other,
        }
    }
}

/// So many characters of a value in a row are taken for a quotation of it.
const QUOTED: usize = 6;

/// `text` with every one of `values` replaced by `…`; nothing if it still quotes a part of one.
pub(crate) fn redact(text: &str, values: &[String]) -> Option<String> {
    let mut text = text.replace(['\n', '\r'], " ");
    for value in values.iter().filter(|value| !value.is_empty()) {
        text = text.replace(value.as_str(), "…");
    }
    let lower = text.to_lowercase();
    let quotes = |value: &String| {
        let value: Vec<char> = value.to_lowercase().chars().collect();
        value
            .windows(QUOTED)
            .any(|part| lower.contains(&part.iter().collect::<String>()))
    };
    (!values.iter().any(quotes)).then_some(text)
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Told(text) => f.write_str(text),
            Self::Foreign(_) => f.write_str("it is not accepted"),
            Self::Empty => f.write_str("it is empty"),
            Self::Missing(key) => write!(f, "it lacks `{key}`"),
            Self::Duplicate(key) => write!(f, "it gives `{key}` twice"),
        }
    }
}

impl std::error::Error for Fail {}

/// What serde's own messages quote is left out: only what was expected is kept.
impl de::Error for Fail {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::Foreign(text.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn unknown_variant(_: &str, variants: &'static [&'static str]) -> Self {
        Self::Expected(one_of(variants))
    }

    fn unknown_field(_: &str, fields: &'static [&'static str]) -> Self {
        Self::Told(format!("it may only hold {}", list(fields, "and")))
    }

    fn missing_field(key: &'static str) -> Self {
        Self::Missing(key)
    }

    fn duplicate_field(key: &'static str) -> Self {
        Self::Duplicate(key)
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [word] => format!("`{word}`"),
        _ => format!("one of {}", list(words, "and")),
    }
}

/// `` `a`, `b` and `c` ``
pub(crate) fn list(words: &[&str], joint: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [word] => format!("`{word}`"),
        [words @ .., last] => {
            let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
            format!("{} {joint} `{last}`", words.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fail, redact};

    #[test]
    fn a_quoted_value_is_cut_out_of_a_foreign_sentence() {
        let values = ["hunter2-abc".to_owned()];
        assert_eq!(
            redact("bad key `hunter2-abc` given", &values).as_deref(),
            Some("bad key `…` given")
        );
    }

    #[test]
    fn a_sentence_that_quotes_a_part_of_the_value_is_dropped() {
        let values = ["hunter2-abcdef".to_owned()];
        assert_eq!(redact("bad prefix HUNTER2", &values), None);
        assert_eq!(
            Fail::Foreign("bad prefix hunter2".to_owned())
                .without(&values)
                .to_string(),
            "it is not accepted"
        );
    }
}
