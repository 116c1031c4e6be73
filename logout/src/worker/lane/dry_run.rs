//! A lane of a dry run: its requests are read instead of sent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::Lane;
use crate::adapter::preview::{MessagePreview, type_name};
use crate::adapter::{Adapter, Preview};
use crate::transport::{Response, Transport};

impl<A: Adapter, T: Transport> Lane<'_, A, T> {
    /// Shows the message once its last part is here, and counts it as delivered.
    pub(super) fn rehearse(&mut self, now: Instant) {
        let (adapter, request) = (&self.configured.adapter, &self.request);
        let read = catch_unwind(AssertUnwindSafe(|| adapter.preview(request)));
        let read = read.unwrap_or_else(|_| Preview::from_request(request));
        let Some(sending) = &mut self.sending else {
            return;
        };
        sending.reading.append(read);
        if !self.request.is_followed() {
            let reading = std::mem::take(&mut sending.reading);
            let shared = &self.desk.shared;
            shared.show(MessagePreview {
                instance: self.name(),
                platform: type_name::<A>(),
                reading: reading.map(|text| shared.shown(text)),
            });
        }
        self.delivered(Response::new(200), now);
    }
}
