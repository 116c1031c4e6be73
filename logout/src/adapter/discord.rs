//! Discord.

use serde::Deserialize;

use crate::{Adapter, Notice, Request, Step};

/// Discord.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Discord {}

impl Adapter for Discord {
    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {
        todo!()
    }
}
