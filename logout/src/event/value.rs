//! One captured value.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::reader::Reader;

/// A field's value as it was captured: numbers raw, text as it was formatted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// A string.
    Str(&'a str),
    /// The output of a Debug or Display implementation; tracing hands over both as Debug.
    Text(&'a str),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Bool(bool),
    /// An error and its sources.
    Error(ErrorChain<'a>),
}

impl<'a> Value<'a> {
    /// Returns the value if it is a text.
    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Str(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value as text: of an error its own, and then those of its sources, outermost
    /// first.
    pub(crate) fn texts(self) -> impl Iterator<Item = Cow<'a, str>> {
        let (chain, other) = match self {
            Self::Error(chain) => (Some(chain), None),
            other => (None, Some(other.into_text())),
        };
        chain.into_iter().flatten().map(Cow::Borrowed).chain(other)
    }

    /// Returns the value as text, without quotes; of an error its own alone.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Str(text) | Self::Text(text) => Cow::Borrowed(text),
            Self::Error(mut chain) => Cow::Borrowed(chain.next().unwrap_or_default()),
            _ => Cow::Owned(self.to_string()),
        }
    }

    /// Returns the same, written to `scratch` where it is no text.
    pub(crate) fn text_in<'s>(self, scratch: &'s mut String) -> &'s str
    where
        'a: 's,
    {
        match self {
            Self::Str(text) | Self::Text(text) => text,
            Self::Error(mut chain) => chain.next().unwrap_or_default(),
            _ => {
                scratch.clear();
                let _infallible = write!(scratch, "{self}");
                scratch
            }
        }
    }

    /// Returns whether its Display output is `text`.
    pub(crate) fn displays_as(self, text: &str) -> bool {
        let mut rest = ExpectedRest(text);
        fmt::write(&mut rest, format_args!("{self}")).is_ok() && rest.0.is_empty()
    }
}

/// Writes the value without quotes; of an error its own text, and with `{:#}` the texts of its
/// sources after it.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(text) | Self::Text(text) => f.write_str(text),
            Self::I64(number) => write!(f, "{number}"),
            Self::U64(number) => write!(f, "{number}"),
            Self::I128(number) => write!(f, "{number}"),
            Self::U128(number) => write!(f, "{number}"),
            // Display spells 1e300 out in full.
            Self::F64(number) => write!(f, "{number:?}"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Error(chain) => {
                let depth = if f.alternate() { usize::MAX } else { 1 };
                for (index, text) in chain.take(depth).enumerate() {
                    let colon = if index > 0 { ": " } else { "" };
                    write!(f, "{colon}{text}")?;
                }
                Ok(())
            }
        }
    }
}

/// The texts of an error and its sources, outermost first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ErrorChain<'a>(pub(super) Reader<'a>);

impl<'a> Iterator for ErrorChain<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.text()
    }
}

/// A writer that compares: it fails as soon as what is written differs from the rest of the text.
struct ExpectedRest<'a>(&'a str);

impl fmt::Write for ExpectedRest<'_> {
    fn write_str(&mut self, written: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(written).ok_or(fmt::Error)?;
        Ok(())
    }
}
