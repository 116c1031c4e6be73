//! A placeholder for a value, which records what kind of value a field asks for.

use std::cell::Cell;

use crate::adapter::span::SPAN;
use crate::block::keys::KeyKind;
use crate::transport::secret::SECRET;
use crate::transport::url::{SECRET_URL, URL};

/// The kind of value that a field asked for.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) kind: Cell<Option<KeyKind>>,
    pub(crate) secret: Cell<bool>,
    pub(crate) optional: Cell<bool>,
}

/// Texts of which most types that are read from text accept one.
pub(crate) const PLACEHOLDERS: [&str; 5] = ["", "1", "-1", "error", ADDRESS];
const ADDRESS: &str = "https://localhost/";

/// A placeholder of whatever type a field asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placeholder<'s> {
    pub(crate) text: &'static str,
    pub(crate) observed: &'s Observed,
}

impl Placeholder<'_> {
    /// Returns `value`, and records that the field asks for this kind of value.
    pub(super) fn record<T>(self, kind: KeyKind, value: T) -> T {
        let Observed {
            kind: first,
            secret,
            ..
        } = self.observed;
        if first.get().is_none() {
            first.set(Some(kind));
        }
        if matches!(kind, KeyKind::Secret | KeyKind::SecretUrl) {
            secret.set(true);
        }
        value
    }

    /// Records that the field is an `Option`.
    pub(super) fn record_optional(self) {
        if self.observed.kind.get().is_none() {
            self.observed.optional.set(true);
        }
    }

    /// Returns a text for a type with a form of its own, by the type's name.
    pub(super) fn text_of_type(self, name: &str) -> Option<&'static str> {
        let (kind, text) = match name {
            SECRET => (KeyKind::Secret, ADDRESS),
            SECRET_URL => (KeyKind::SecretUrl, ADDRESS),
            URL => (KeyKind::Url, ADDRESS),
            SPAN => (KeyKind::Duration, "1s"),
            #[cfg(feature = "fleet")]
            crate::fleet::ADDRESS => (KeyKind::Secret, "redis://localhost"),
            _ => return None,
        };
        Some(self.record(kind, text))
    }
}
