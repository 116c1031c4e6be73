//! Slack.

use serde::Deserialize;

use crate::{Adapter, Notice, Request, Step};

/// Slack.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Slack {}

impl Adapter for Slack {
    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {
        todo!()
    }
}
