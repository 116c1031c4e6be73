//! The context of an instance's values, and the secrets that were read.

use std::cell::RefCell;

use super::value_error::is_word;
use crate::transport::Secret;

/// The context in which the values of an instance are read.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) allow_http: bool,
    secrets: RefCell<Vec<Secret>>,
}

impl Context {
    pub(crate) fn new(allow_http: bool) -> Self {
        Self {
            allow_http,
            ..Self::default()
        }
    }

    /// Returns every secret that was read, each once.
    pub(crate) fn into_secrets(self) -> Vec<Secret> {
        self.secrets.into_inner()
    }

    /// Records `secret`, which no message may then contain.
    pub(crate) fn record_secret(&self, secret: &str) {
        let mut secrets = self.secrets.borrow_mut();
        if !secrets.iter().any(|known| known.expose() == secret) {
            secrets.push(Secret::new(secret.to_owned()));
        }
    }

    /// Records `text` if it may be a secret although its type does not say so.
    pub(crate) fn record_token(&self, text: &str) {
        if text.len() >= MIN_TOKEN_BYTES && !is_word(text) {
            self.record_secret(text);
        }
    }
}

/// The length from which a text that is no word counts as a token (Slack's have 24 bytes).
const MIN_TOKEN_BYTES: usize = 16;
