//! What is the same for all values of an instance, and what is learnt from them.

use std::cell::RefCell;

use super::value_error::is_word;
use crate::transport::Secret;

/// What holds for every value of an instance while it is read.
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

    /// Every secret that was read, each once.
    pub(crate) fn into_secrets(self) -> Vec<Secret> {
        self.secrets.into_inner()
    }

    /// Keeps `secret`.
    pub(crate) fn keep(&self, secret: &str) {
        let mut secrets = self.secrets.borrow_mut();
        if !secrets.iter().any(|known| known.expose() == secret) {
            secrets.push(Secret::new(secret.to_owned()));
        }
    }

    /// Keeps `text` if it may be a secret that nothing declares to be one.
    pub(crate) fn keep_token(&self, text: &str) {
        if text.len() >= TOKEN && !is_word(text) {
            self.keep(text);
        }
    }
}

/// From how many bytes on a text that is no word is taken for a token (Slack's have 24).
const TOKEN: usize = 16;
