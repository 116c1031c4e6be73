//! Answers to whatever a type asks for, where its real value is absent or not wanted.

use std::cell::Cell;

use super::fields::Kind;
use crate::transport::secret::SECRET;
use crate::transport::url::{SECRET_URL, URL};

/// What a field was seen to ask for.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) kind: Cell<Option<Kind>>,
    pub(crate) secret: Cell<bool>,
    pub(crate) optional: Cell<bool>,
}

/// Texts one of which most types that are read from text accept.
pub(crate) const STAND_INS: [&str; 5] = ["", "1", "-1", "error", ADDRESS];
const ADDRESS: &str = "https://localhost/";

/// Answers whatever a field asks for with some value, and remembers the question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandIn<'s> {
    pub(crate) text: &'static str,
    pub(crate) seen: &'s Seen,
}

impl StandIn<'_> {
    /// Gives `value` to a field that asks for something of this kind.
    pub(super) fn answer<T>(self, kind: Kind, value: T) -> T {
        let Seen {
            kind: first,
            secret,
            ..
        } = self.seen;
        if first.get().is_none() {
            first.set(Some(kind));
        }
        if matches!(kind, Kind::Secret | Kind::SecretUrl) {
            secret.set(true);
        }
        value
    }

    pub(super) fn see_optional(self) {
        if self.seen.kind.get().is_none() {
            self.seen.optional.set(true);
        }
    }

    /// The text for a type of ours that has a rule for it.
    pub(super) fn ruled(self, name: &str) -> Option<&'static str> {
        let kind = match name {
            SECRET => Kind::Secret,
            SECRET_URL => Kind::SecretUrl,
            URL => Kind::Url,
            _ => return None,
        };
        Some(self.answer(kind, ADDRESS))
    }
}
