//! Reasons why a value could not be read, in words that cannot hold the value.

use std::fmt;

use serde::de;

use crate::text::unicode;
use crate::transport::{Secret, Url};

/// A key and the error of its value; no key if it is about the whole instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyError {
    pub(crate) key: Option<String>,
    pub(crate) error: ValueError,
}

impl KeyError {
    pub(crate) fn new(key: &str, error: ValueError) -> Self {
        Self {
            key: Some(key.to_owned()),
            error,
        }
    }
}

/// The reason why a value could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueError {
    /// Another kind of value was expected, named here.
    Expected(String),
    /// A sentence of this crate, without the value.
    Message(String),
    /// A sentence of the adapter, which may quote the value.
    FromAdapter(String),
    /// The value is empty.
    Empty,
    /// A required key is absent.
    Missing(&'static str),
    /// A key is given twice, under its name and under another.
    Duplicate(&'static str),
}

impl ValueError {
    /// Returns the error with a sentence of an adapter redacted, so that it quotes none of
    /// `values`.
    pub(crate) fn without_values(self, values: &[String]) -> Self {
        match self {
            Self::FromAdapter(text) => {
                let told = redact(&text, values, values)
                    .unwrap_or_else(|| "it is not accepted".to_owned());
                Self::Message(told)
            }
            other => other,
        }
    }
}

/// The number of consecutive characters of a value that count as a quotation.
const MIN_QUOTE_CHARS: usize = 6;

/// The length from which a word of a value counts as quoted, if other words are as well.
const MIN_WORD_CHARS: usize = 4;

/// Returns `text` on one line, with `…` for every one of `values`; `None` if it still quotes a part
/// of one of `parts`.
fn redact(text: &str, values: &[String], parts: &[String]) -> Option<String> {
    let mut text = text.replace(['\n', '\r'], " ");
    for value in values.iter().filter(|value| !value.is_empty()) {
        text = replace_value(&text, value);
    }
    let lower = lowercase(&text);
    (!parts.iter().any(|part| quotes(&lower, part))).then_some(text)
}

/// Returns whether a text in lower case quotes something of `part`.
///
/// A text may contain some of its words by chance. So words count as a quotation only if together
/// they are half of it; anything else does from six characters on.
fn quotes(text: &str, part: &str) -> bool {
    let (mut all, mut said) = (0, 0);
    let mut letters: Vec<(char, bool)> = Vec::new();
    for piece in part.split_inclusive(|sign: char| !sign.is_alphanumeric()) {
        let word = piece.trim_end_matches(|sign: char| !sign.is_alphanumeric());
        let is_name = is_name(word);
        let word = lowercase(word);
        let length = word.chars().count();
        let by_chance = is_name && length >= MIN_WORD_CHARS && text.contains(&word);
        all += length;
        said += if by_chance { length } else { 0 };
        let piece = lowercase(piece);
        let piece = piece.chars().enumerate();
        letters.extend(piece.map(|(index, letter)| (letter, by_chance && index < length)));
    }
    let is_half = said >= MIN_QUOTE_CHARS && said * 2 >= all;
    let mut runs = letters.windows(MIN_QUOTE_CHARS);
    is_half
        || runs.any(|run| {
            let quoted: String = run.iter().map(|(letter, _)| letter).collect();
            !run.iter().all(|(_, by_chance)| *by_chance) && text.contains(&quoted)
        })
}

/// Returns what an adapter says about its settings as a whole, without its secrets.
///
/// It may contain the host of a secret address, the words at the beginning of its path, and its
/// ids.
pub(crate) fn without_secrets(text: &str, secrets: &[Secret]) -> Option<String> {
    let values: Vec<_> = secrets
        .iter()
        .map(|secret| secret.expose().to_owned())
        .collect();
    let parts: Vec<_> = values
        .iter()
        .flat_map(|value| secret_parts(value))
        .collect();
    redact(text, &values, &parts)
}

/// Returns the secret parts of a value: the tokens of an address, or all of anything else.
fn secret_parts(secret: &str) -> Vec<String> {
    let owned = |parts: Vec<&str>| parts.into_iter().map(str::to_owned).collect();
    let Ok(url) = Url::parse(secret) else {
        let parts = secret.split(':').chain([secret]);
        return owned(parts.collect());
    };
    let tokens = url.tokens();
    if !tokens.is_empty() {
        return owned(tokens);
    }
    let parts: Vec<_> = url.segments().filter(|part| !is_word(part)).collect();
    if parts.is_empty() && !secret.ends_with('/') {
        // The last segment is the secret; behind a trailing slash it is missing.
        return owned(url.segments().last().into_iter().collect());
    }
    owned(parts)
}

/// Returns whether it looks like a word of a language, and not like a token.
pub(crate) fn is_word(part: &str) -> bool {
    part.chars()
        .all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter == '-')
}

/// Returns the text in lower case, letter by letter: `str::to_lowercase` has another five kilobytes
/// for the sigma at the end of a word.
fn lowercase(text: &str) -> String {
    text.chars().flat_map(unicode::lowercase).collect()
}

/// Returns whether it has only letters, of which at most the first is a capital.
fn is_name(piece: &str) -> bool {
    let mut letters = piece.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.all(char::is_lowercase)
}

/// Returns `text` with `…` for `value`. A short one is replaced only as a whole word: the word
/// `channel` does not quote the value `a`.
fn replace_value(text: &str, value: &str) -> String {
    let is_short = value.chars().count() < MIN_QUOTE_CHARS;
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(value) {
        kept.push_str(before);
        let inside =
            kept.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        kept.push_str(if is_short && inside { value } else { "…" });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Message(text) => f.write_str(text),
            Self::FromAdapter(_) => f.write_str("it is not accepted"),
            Self::Empty => f.write_str("it is empty"),
            Self::Missing(key) => write!(f, "it lacks `{key}`"),
            Self::Duplicate(key) => write!(f, "it gives `{key}` twice"),
        }
    }
}

impl std::error::Error for ValueError {}

/// Messages of serde, of which only the part about what was expected is kept, because the rest
/// quotes the value.
impl de::Error for ValueError {
    /// Keeps what was expected. Errors about a type, a value or a length come here as text too:
    /// distinguishing them earlier takes a trait object.
    fn custom<T: fmt::Display>(text: T) -> Self {
        let text = text.to_string();
        let is_serdes = ["invalid type: ", "invalid value: ", "invalid length "]
            .iter()
            .any(|start| text.starts_with(start));
        // The value comes before the last `expected`.
        match text.rsplit_once(", expected ") {
            Some((_, what)) if is_serdes => Self::FromAdapter(format!("expected {what}")),
            _ => Self::FromAdapter(text),
        }
    }

    fn unknown_variant(_: &str, variants: &'static [&'static str]) -> Self {
        let list = quoted_list(variants, "and");
        Self::Expected(match variants {
            [] | [_] => list,
            _ => format!("one of {list}"),
        })
    }

    fn unknown_field(_: &str, fields: &'static [&'static str]) -> Self {
        Self::Message(format!("it may only hold {}", quoted_list(fields, "and")))
    }

    fn missing_field(key: &'static str) -> Self {
        Self::Missing(key)
    }

    fn duplicate_field(key: &'static str) -> Self {
        Self::Duplicate(key)
    }
}

/// Returns `words` as a list in a sentence: `` `a`, `b` and `c` ``.
pub(crate) fn quoted_list(words: &[&str], joint: &str) -> String {
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
    use proptest::prelude::*;
    use serde::de::{Error as _, Unexpected};

    use super::{MIN_QUOTE_CHARS, ValueError, redact, without_secrets};
    use crate::transport::Secret;

    fn redacted(text: &str, value: &str) -> Option<String> {
        let values = [value.to_owned()];
        redact(text, &values, &values)
    }

    #[test]
    fn of_a_message_of_serde_only_the_expectation_is_kept() {
        let unexpected = Unexpected::Str("geheim, expected geheim");
        for fail in [
            ValueError::invalid_type(unexpected, &"a number"),
            ValueError::invalid_value(unexpected, &"a number"),
            ValueError::invalid_length(3, &"a number"),
        ] {
            assert_eq!(fail.without_values(&[]).to_string(), "expected a number");
        }
    }

    #[test]
    fn a_quoted_value_is_cut_out_of_a_foreign_sentence() {
        assert_eq!(
            redacted("bad key `hunter2-abc`\ngiven", "hunter2-abc").as_deref(),
            Some("bad key `…` given")
        );
    }

    #[test]
    fn a_short_value_is_only_cut_out_as_a_word() {
        assert_eq!(
            redacted("a channel, not `a`", "a").as_deref(),
            Some("… channel, not `…`")
        );
    }

    #[test]
    fn a_sentence_that_quotes_a_part_of_the_value_is_dropped() {
        assert_eq!(redacted("bad prefix HUNTER2", "hunter2-abcdef"), None);
        let values = ["hunter2-abcdef".to_owned()];
        assert_eq!(
            ValueError::FromAdapter("bad prefix hunter2".to_owned()).without_values(&values),
            ValueError::Message("it is not accepted".to_owned())
        );
    }

    #[test]
    fn the_public_part_of_a_secret_address_may_be_named() {
        let secrets = [
            "https://hooks.slack.com/services/T0/B0/Geheim1234",
            "12345:Geheim",
        ];
        let secrets = secrets.map(|secret| Secret::new(secret.to_owned()));
        let told = |text| without_secrets(text, &secrets);
        let fine = "an address of hooks.slack.com continues with /services/";
        assert_eq!(told(fine).as_deref(), Some(fine));
        assert_eq!(told("not 12345:Geheim").as_deref(), Some("not …"));
        assert_eq!(told("its last part is geheim1234"), None);
        assert_eq!(told("its token is Geheim"), None);
    }

    fn told(secret: &str, text: &str) -> bool {
        let secrets = [Secret::new(secret.to_owned())];
        without_secrets(text, &secrets).as_deref() == Some(text)
    }

    #[test]
    fn a_word_that_stands_in_a_secret_by_chance_is_no_quotation() {
        let token = "https://chat.example.org/hooks/prod-Alerts-channel-2024-x7f3k9q2";
        assert!(told(
            token,
            "`channel` takes the name of a channel, not of alerts"
        ));
        assert!(told(token, "observers of the channel"));
        assert!(!told(token, "the channel-2024 is unknown"));
        assert!(!told(token, "it ends with x7f3k9"));
        assert!(!told(token, "prod alerts channel"), "half of it in words");
        // The names and ids in an address before its token are not secret.
        let hook = "https://chat.example.org/Production/B00000000/XYZxyz0123456789XYZxyz01";
        assert!(told(hook, "there is no B00000000 in production"));
        assert!(!told(hook, "there is no xyzxyz"));
    }

    #[test]
    fn a_secret_of_words_is_not_told_by_halves() {
        for secret in [
            "correct-horse-battery-staple",
            "https://chat.example.org/hooks/correct-horse-battery-staple",
            "bot:correct-horse-battery-staple",
        ] {
            assert!(told(secret, "a staple is missing"), "{secret}");
            assert!(!told(secret, "the battery staple"), "{secret}");
            assert!(!told(secret, "it begins with correct-horse"), "{secret}");
        }
        assert!(!told("correcthorsebattery", "it begins with correcthorse"));
        assert!(!told("correcthorsebattery", "it begins with correc"));
        assert!(!told(
            "https://chat.example.org/Geheim",
            "its path is geheim"
        ));
    }

    proptest! {
        #[test]
        fn no_half_of_a_secret_is_told(
            secret in "[A-Za-z0-9_:-]{12,40}",
            is_address in any::<bool>(),
            from in any::<prop::sample::Index>(),
        ) {
            let half = secret.len().div_ceil(2).max(MIN_QUOTE_CHARS);
            let from = from.index(secret.len() - half + 1);
            let quoted = &secret[from..from + half];
            let secret = if is_address {
                format!("https://chat.example.org/hooks/{}", secret.replace(':', "0"))
            } else {
                secret.clone()
            };
            let quoted = if is_address { quoted.replace(':', "0") } else { quoted.to_owned() };
            for text in [format!("it has {quoted} in it"), format!("not `{}`", quoted.to_lowercase())] {
                let secrets = [Secret::new(secret.clone())];
                let told = without_secrets(&text, &secrets);
                prop_assert_ne!(told, Some(text));
            }
        }
    }
}
