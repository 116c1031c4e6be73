//! HTTP/1.1 over hyper.

use crate::{Fault, Request, Response, Transport};

/// The wire core.
#[derive(Debug, Default)]
pub struct Wire {}

impl Transport for Wire {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        todo!()
    }
}
