//! A lane of a dry run: its requests are read instead of sent.

use std::time::Instant;

use super::{Clock, Lane};
use crate::adapter::preview::{MessagePreview, type_name};
use crate::adapter::{Adapter, Preview};
use crate::event::encoding::catch_panics;
use crate::transport::{Response, Transport};

impl<A: Adapter, T: Transport, C: Clock> Lane<'_, A, T, C> {
    /// Shows the message once its last part is here, and counts it as delivered.
    pub(super) fn show_request(&mut self, now: Instant) {
        let (configured, request) = (self.configured.borrow(), &self.request);
        let read = catch_panics(|| configured.adapter.preview(request));
        drop(configured);
        let read = read.unwrap_or_else(|| Preview::from_request(request));
        let Some(sending) = &mut self.sending else {
            return;
        };
        sending.reading.append(read);
        if !self.request.is_followed() {
            let reading = std::mem::take(&mut sending.reading);
            let worker = self.worker;
            worker.show(MessagePreview {
                instance: self.name(),
                platform: type_name::<A>(),
                reading: reading.map(|text| worker.shown(text)),
            });
        }
        self.part_taken(Response::new(200), now);
    }
}
