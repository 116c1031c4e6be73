//! The removal of secrets from everything that is sent.
//!
//! In this order: colours, which could split a secret; the configured secrets; what looks like a
//! credential; what the program's own functions remove. Then hidden characters are made visible.

use std::borrow::Cow;

use super::Mask;
use crate::block::Scrub;
use crate::event::encoding::TRUNCATED;
use crate::text::visible::{make_visible, without_colours};
use crate::transport::Secret;

mod commands;
mod credentials;
mod encoded_values;
mod functions;
mod named_values;
mod payment_cards;
mod prefixes;
mod secrets;
mod spellings;
mod sql;
mod tokens;
mod value;

use self::secrets::Secrets;

/// The text in place of what was removed.
pub(crate) const MASK: &str = "•••";

/// The marks of a cut: of capture, and of whoever quotes an answer.
const CUTS: [&str; 2] = [TRUNCATED, "…"];

/// The removal of configured secrets and of credentials from texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scrubber {
    secrets: Secrets,
    /// What is removed beside the configured secrets.
    shapes: &'static [Scrub],
}

impl Scrubber {
    pub(crate) fn new(secrets: &[Secret], shapes: &'static [Scrub]) -> Self {
        Self {
            secrets: Secrets::new(secrets),
            shapes,
        }
    }

    /// Adds for a while the secrets of its predecessor.
    pub(crate) fn with_secrets_of(self, before: &Self) -> Self {
        Self {
            secrets: self.secrets.with_secrets_of(&before.secrets),
            shapes: self.shapes,
        }
    }

    /// Returns text of the log, or of an answer, as it may be shown: without colours, secrets and
    /// credentials, and with hidden characters visible. The `mask` holds the names whose values are
    /// hidden.
    pub(crate) fn shown(&self, text: &str, mask: &Mask) -> String {
        make_visible(&self.scrub(&without_colours(text), mask)).into_owned()
    }

    fn scrub<'t>(&self, text: &'t str, mask: &Mask) -> Cow<'t, str> {
        let mut scrubbed = self.secrets.scrub(text);
        for shape in self.shapes {
            let changed = match shape {
                Scrub::Default => match credentials::scrub(&scrubbed, mask) {
                    Cow::Borrowed(_) => None,
                    Cow::Owned(changed) => Some(changed),
                },
                Scrub::Function(function) => functions::scrub(*function, &scrubbed)
                    .map(|own| self.secrets.scrub(&own).into_owned()),
            };
            if let Some(changed) = changed {
                scrubbed = Cow::Owned(changed);
            }
        }
        scrubbed
    }
}

#[cfg(test)]
mod tests;
