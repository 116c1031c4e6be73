//! Telegram.

use serde::Deserialize;

use crate::{Adapter, Notice, Request, Step};

/// Telegram.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Telegram {}

impl Adapter for Telegram {
    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {
        todo!()
    }
}
