//! What a lane sends next, and how that reads.

use std::time::Instant;

use super::lane_state::StatusNotice;
use super::{Clock, Group, Lane, Sending, Subject};
use crate::adapter::Adapter;
use crate::adapter::Notice;
use crate::message::{DeliveryState, digest, report, status_notice};
use crate::transport::Transport;

/// What part of a period must have been quiet for a report to say that it is over.
const QUIET: u32 = 3;

impl<A: Adapter, T: Transport, C: Clock> Lane<'_, A, T, C> {
    /// Chooses what is sent next: what people should know about a destination, then a report that
    /// is due, then events.
    pub(super) fn choose(&mut self, report_due: bool, now: Instant) -> Option<Sending> {
        let mut state = self.shared.state.borrow_mut();
        // However much there is to report, events get every other message.
        let may_report = !self.last_was_report || state.groups.is_empty();
        let announced = may_report.then(|| state.next_announcement()).flatten();
        drop(state);
        let subject = match announced {
            Some(announced) => Subject::StatusNotice(announced),
            None if report_due && may_report => self.choose_report(now),
            None => Subject::Events(self.choose_groups(now)?),
        };
        self.last_was_report = !matches!(subject, Subject::Events(_));
        let mut sending = Sending::new(subject);
        if let Some(route) = sending.route() {
            sending.routed = !self.lost_places.contain(route, now);
        }
        Some(sending)
    }

    fn choose_report(&mut self, now: Instant) -> Subject {
        let mut state = self.shared.state.borrow_mut();
        if let Some((losses, period)) = state.take_losses(now) {
            let quiet = self.worker.settings().limits.report_period / QUIET;
            let over = losses.are_over(now, quiet);
            return Subject::Report {
                losses: Box::new(losses),
                period,
                over,
            };
        }
        state.reported = None;
        Subject::StatusNotice(StatusNotice::Text(
            "Nothing more has been lost: all events are delivered again.".to_owned(),
        ))
    }

    /// One group while there is room for all that wait to be told alone; else as many as one
    /// message holds.
    fn choose_groups(&mut self, now: Instant) -> Option<Vec<Group>> {
        let mut state = self.shared.state.borrow_mut();
        let keys = state.groups.next();
        let keys = self.suspicion.select(keys, fastrand::f64());
        let room = self.worker.turns.borrow().room(self.index, now);
        let taken = if keys.len() <= 1 || state.groups.len() <= room {
            1
        } else {
            let entries = keys.iter().filter_map(|key| state.groups.get(*key));
            let known = &self.worker.shared.fingerprints;
            let entries: Vec<_> = entries.map(|group| group.entry(known)).collect();
            let settings = self.worker.settings();
            let composer = settings.composer(self.index)?;
            digest(&composer, &entries, A::ROOM, 1, DeliveryState::default()).1
        };
        let groups: Vec<_> = keys
            .iter()
            .take(taken)
            .filter_map(|key| state.groups.remove(*key))
            .collect();
        (!groups.is_empty()).then_some(groups)
    }

    /// Tells what is being sent, as of now.
    pub(super) fn compose(&self, sending: &Sending, now: Instant) -> Option<Notice> {
        let settings = self.worker.settings();
        let composer = settings.composer(self.index)?;
        Some(match &sending.subject {
            Subject::Events(groups) => {
                let age = groups
                    .iter()
                    .map(|group| group.age(now))
                    .max()
                    .unwrap_or_default();
                let delivery = DeliveryState {
                    age,
                    possible_repeat: sending.possible_repeat,
                    routed: sending.routed,
                };
                let known = &self.worker.shared.fingerprints;
                let entries: Vec<_> = groups.iter().map(|group| group.entry(known)).collect();
                digest(&composer, &entries, A::ROOM, entries.len(), delivery).0
            }
            Subject::Report {
                losses,
                period,
                over,
            } => report(&composer, losses, *period, *over),
            Subject::StatusNotice(StatusNotice::Text(text)) => status_notice(&composer, text),
            #[cfg(feature = "preview")]
            Subject::StatusNotice(StatusNotice::Notice(notice)) => Notice::clone(notice),
        })
    }
}
