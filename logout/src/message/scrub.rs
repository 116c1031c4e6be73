//! What must not be shown, taken out of everything that is sent.
//!
//! In this order: colours, which could part a secret; the configured secrets; what looks like a
//! credential; what the program's own functions take out. The rest is made visible.

use std::borrow::Cow;

use super::Mask;
use crate::block::Scrub;
use crate::event::encoding::TRUNCATED;
use crate::text::visible::{make_visible, without_colours};
use crate::transport::Secret;

mod cards;
mod commands;
mod credentials;
mod encoded;
mod named;
mod own;
mod prefixes;
mod secrets;
mod spellings;
mod sql;
mod tokens;
mod value;

use self::secrets::Secrets;

/// What stands where something was taken out.
pub(crate) const MASK: &str = "•••";

/// What stands where a text was cut: by capture, and by whoever quotes an answer.
const CUTS: [&str; 2] = [TRUNCATED, "…"];

/// Takes out of a text what must not be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scrubber {
    secrets: Secrets,
    /// What is taken out beside the configured secrets.
    shapes: &'static [Scrub],
}

impl Scrubber {
    pub(crate) fn new(secrets: &[Secret], shapes: &'static [Scrub]) -> Self {
        Self {
            secrets: Secrets::new(secrets),
            shapes,
        }
    }

    /// Adds for a while the secrets that this one replaces.
    pub(crate) fn succeeding(self, before: &Self) -> Self {
        Self {
            secrets: self.secrets.succeeding(&before.secrets),
            shapes: self.shapes,
        }
    }

    /// Makes text of the log, or of an answer, what may be shown: without colours, secrets and
    /// credentials, and with nothing hidden in it. The `mask` says which names in the text stand
    /// before values that are none to show.
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
                Scrub::Function(function) => own::scrub(*function, &scrubbed)
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
