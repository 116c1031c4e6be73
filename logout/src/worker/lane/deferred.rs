//! Remaining parts of delivered messages, deferred while somebody waits for new events.

use super::{Clock, OutgoingMessage, RunningLane};

/// The most deferred messages, whose events stay in memory.
const MOST_DEFERRED: usize = 16;

impl<T, C: Clock> RunningLane<'_, T, C> {
    /// Sends pending events before the remaining parts of a delivered message if somebody waits;
    /// later events are sent after them.
    pub(super) fn defer_rest(&mut self, is_report_last: bool) {
        let state = self.shared.state.borrow();
        let oldest = state.groups.oldest().map(|(number, _)| number);
        let mark = state.mark();
        drop(state);
        let is_awaited = self.worker.is_awaited();
        let gives_way = |sending: &mut OutgoingMessage| {
            let below = *sending.gives_way_to.get_or_insert(mark);
            is_report_last || oldest.is_some_and(|oldest| oldest < below)
        };
        if let Some(sending) = &mut self.sending {
            if is_awaited && sending.delivered && gives_way(sending) {
                if self.deferred.len() >= MOST_DEFERRED {
                    self.drop_deferred("too much waits");
                }
                self.deferred.extend(self.sending.take());
                self.note_in_flight();
            }
        } else if let Some(first) = self.deferred.front_mut()
            && !(is_awaited && gives_way(first))
        {
            self.sending = self.deferred.pop_front();
        }
    }

    /// Notes the oldest event in flight, for whoever waits for it.
    pub(super) fn note_in_flight(&self) {
        let in_flight = self.deferred.iter().chain(&self.sending);
        let oldest = in_flight.filter_map(OutgoingMessage::oldest).min();
        let mut state = self.shared.state.borrow_mut();
        state.in_flight = oldest;
        #[cfg(feature = "spool")]
        let untold = self.sending.as_ref().map(OutgoingMessage::untold);
        #[cfg(feature = "spool")]
        self.worker
            .note_sending(&mut state, untold.unwrap_or_default());
    }

    /// Drops the remaining parts of all deferred messages.
    pub(super) fn drop_deferred(&mut self, why: &str) {
        for _ in std::mem::take(&mut self.deferred) {
            self.report_dropped_rest(why);
        }
        self.note_in_flight();
    }
}
