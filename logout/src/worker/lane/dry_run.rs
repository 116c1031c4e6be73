//! The dry run of a lane: its requests are read instead of sent.

use std::time::Instant;

use super::Clock;
use super::adapter_lane::AdapterLane;
use crate::adapter::preview::MessagePreview;
use crate::adapter::{Adapter, Preview};
use crate::event::encoding::catch_panics;
use crate::transport::{Response, Transport};

impl<A: Adapter, T: Transport, C: Clock> AdapterLane<'_, A, T, C> {
    /// Shows the message once its last part is rendered, and counts it as delivered.
    pub(super) fn show_request(&mut self, now: Instant) {
        let lane = &mut self.lane;
        let (configured, request) = (self.configured.borrow(), &lane.request);
        let read = catch_panics(|| configured.adapter.preview(request));
        drop(configured);
        let read = read.unwrap_or_else(|| Preview::from_request(request));
        let Some(sending) = &mut lane.sending else {
            return;
        };
        sending.preview.append(read);
        if !lane.request.is_followed() {
            let preview = std::mem::take(&mut sending.preview);
            let worker = lane.worker;
            worker.show(MessagePreview {
                instance: lane.name(),
                platform: lane.capabilities.platform,
                preview: preview.map(|text| worker.shown(text)),
            });
        }
        self.handle_part_taken(Response::new(200), now);
    }
}
