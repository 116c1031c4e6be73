//! surf over the wire core.

use crate::{Fault, Request, Response, Transport};

/// surf.
#[derive(Debug, Default)]
pub struct Surf {}

impl Transport for Surf {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        todo!()
    }
}
