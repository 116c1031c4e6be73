//! The rest of messages that people have, while somebody waits for what nobody has been told.

use super::{Clock, Lane, Sending};

/// How many messages may wait for their rest to be sent, which keeps their events in memory.
const MOST_DEFERRED: usize = 16;

impl<T, C: Clock> Lane<'_, T, C> {
    /// Where somebody waits, who may not wait for long, lets what nobody has been told go before the
    /// rest of a message that people have; what comes in later goes after it.
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

    /// Notes for those who wait what the oldest event is that is under way.
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

    /// Leaves the rest of all of them out.
    pub(super) fn leave_out_deferred(&mut self, why: &str) {
        for _ in std::mem::take(&mut self.deferred) {
            self.say_left_out(why);
        }
        self.note_under_way();
    }
}
