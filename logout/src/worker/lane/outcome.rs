//! The end of a message: delivered, in whole or in part, or lost.

use std::time::Instant;

use super::{Clock, Group, OutgoingMessage, RunningLane, Subject};
use crate::adapter::{Mention, ProblemState};
use crate::worker::stats::{MessageState, Reason};

impl<T, C: Clock> RunningLane<'_, T, C> {
    pub(super) fn is_delivered(&self) -> bool {
        matches!(&self.sending, Some(sending) if sending.delivered)
    }

    /// Ends a message that is delivered, or as much of it as will be.
    pub(super) fn finish_delivered(&mut self, now: Instant) {
        self.note_delivered(now);
        drop(self.take_sending());
    }

    /// Notes that the message is delivered. Its remaining parts may take minutes yet, while more of
    /// its problems come in.
    pub(super) fn note_delivered(&mut self, now: Instant) {
        let Some(sending) = self.sending.as_mut().filter(|sending| !sending.delivered) else {
            return;
        };
        sending.delivered = true;
        self.rejection_search.note_delivery();
        let mut state = self.shared.state.borrow_mut();
        #[cfg(feature = "fleet")]
        state.note_delivered_in_fleet(sending);
        let mention = sending.mention;
        let mentions = mention == Mention::Allowed;
        state.note_message(sending.subject.state(), mentions, now);
        match &sending.subject {
            Subject::Events(groups) => {
                for group in groups {
                    if group.is_news() && group.is_named() {
                        state.mentions.note_named_problem(now);
                    }
                    let calls = group.is_news() || group.owes_mention();
                    let owes = calls && matches!(mention, Mention::Recent(_));
                    state.stats.deliver(group.events);
                    // A preview sends every event as if it were the first.
                    if !self.worker.is_preview() {
                        state.note_told(group, owes, now);
                    }
                    if let Some(memory) = sending.memory.take() {
                        state.known.remember(group.key, memory);
                    }
                }
            }
            Subject::Report { over, .. } => {
                #[cfg(feature = "fleet")]
                if sending.reports_peer_losses {
                    state.settle_peer_losses();
                }
                state.note_reported(*over, now);
            }
            Subject::StatusNotice(_) => {}
        }
        drop(state);
        self.note_in_flight();
    }

    /// Drops the remaining parts of a delivered message: a file, or further text.
    pub(super) fn drop_rest(&mut self, why: &str, now: Instant) {
        self.tries = 0;
        self.failing_since = None;
        self.report_dropped_rest(why);
        self.finish_delivered(now);
    }

    pub(super) fn report_dropped_rest(&self, why: &str) {
        self.say(&format!("the rest of a message is dropped ({why})"));
    }

    pub(super) fn lose_sending(&mut self, reason: Reason, now: Instant) {
        if self.is_delivered() {
            return self.drop_rest(reason.as_str(), now);
        }
        let Some(sending) = self.take_sending() else {
            return;
        };
        let may_wait = reason != Reason::Rejected && !sending.possible_repeat && sending.part == 0;
        let mut state = self.shared.state.borrow_mut();
        match sending.subject {
            Subject::Events(groups) => {
                for group in groups {
                    state.lose_group(&group, reason, now);
                }
            }
            #[cfg(feature = "fleet")]
            Subject::Report { period, .. } if may_wait && sending.reports_peer_losses => {
                state.requeue_peer_losses(now.checked_sub(period).unwrap_or(now));
            }
            // Nobody has seen them: they are reported once the chat can be reached, or at the end.
            Subject::Report { losses, period, .. } if may_wait => {
                state.requeue_losses(*losses, now.checked_sub(period).unwrap_or(now));
            }
            Subject::Report { losses, .. } => {
                #[cfg(feature = "fleet")]
                if sending.reports_peer_losses {
                    state.settle_peer_losses();
                }
                let stderr = &self.worker.stderr;
                stderr.say_last_losses(state.stats.name, &losses, now);
            }
            Subject::StatusNotice(_) => {}
        }
    }

    /// Takes out what is being sent, for the groups that it tells.
    pub(super) fn take_groups(&mut self) -> Vec<Group> {
        match self.take_sending().map(|sending| sending.subject) {
            Some(Subject::Events(groups)) => groups,
            _ => Vec::new(),
        }
    }

    pub(super) fn take_sending(&mut self) -> Option<OutgoingMessage> {
        let sending = self.sending.take();
        self.note_in_flight();
        #[cfg(feature = "fleet")]
        self.note_nothing_in_flight();
        sending
    }
}

impl Subject {
    fn state(&self) -> MessageState {
        match self {
            Self::Events(groups) if groups.iter().any(Group::is_news) => MessageState::New,
            Self::Events(groups) => match groups.iter().map(Group::state).max() {
                Some(ProblemState::Quiet) => MessageState::Quiet,
                _ => MessageState::Known,
            },
            Self::Report { .. } | Self::StatusNotice(_) => MessageState::Report,
        }
    }
}
