//! Zulip.

use serde::Deserialize;

use crate::{Adapter, Notice, Request, Step};

/// Zulip.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Zulip {}

impl Adapter for Zulip {
    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {
        todo!()
    }
}
