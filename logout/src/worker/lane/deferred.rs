//! Remaining parts of delivered messages, deferred while somebody waits for new events.

use super::{Clock, Lane, Sending};

/// The most deferred messages, whose events stay in memory.
const MOST_DEFERRED: usize = 16;

impl<T, C: Clock> Lane<'_, T, C> {
    /// Sends pending events before the remaining parts of a delivered message if somebody waits;
    /// later events are sent after them.
    pub(super) fn defer_rest(&mut self, is_report_last: bool) {
        let state = self.shared.state.borrow();
        let oldest = state.groups.oldest().map(|(number, _)| number);
        let mark = state.mark();
        drop(state);
        let is_awaited = self.worker.is_awaited();
        let gives_way = |sending: &mut Sending| {
            let below = *sending.gives_way_to.get_or_insert(mark);
            is_report_last || oldest.is_some_and(|oldest| oldest < below)
        };
        if let Some(sending) = &mut self.sending {
            if is_awaited && sending.delivered && gives_way(sending) {
                if self.deferred.len() >= MOST_DEFERRED {
                    self.leave_out_deferred("too much waits");
                }
                self.deferred.extend(self.sending.take());
                self.note_under_way();
            }
        } else if let Some(first) = self.deferred.front_mut()
            && !(is_awaited && gives_way(first))
        {
            self.sending = self.deferred.pop_front();
        }
    }

    /// Notes the oldest event in flight, for whoever waits for it.
    pub(super) fn note_under_way(&self) {
        let under_way = self.deferred.iter().chain(&self.sending);
        let oldest = under_way.filter_map(Sending::oldest).min();
        let mut state = self.shared.state.borrow_mut();
        state.under_way = oldest;
        #[cfg(feature = "spool")]
        let untold = self.sending.as_ref().map(Sending::untold);
        #[cfg(feature = "spool")]
        self.worker
            .note_sending(&mut state, untold.unwrap_or_default());
    }

    /// Drops the remaining parts of all deferred messages.
    pub(super) fn leave_out_deferred(&mut self, why: &str) {
        for _ in std::mem::take(&mut self.deferred) {
            self.say_left_out(why);
        }
        self.note_under_way();
    }
}
