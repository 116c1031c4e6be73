//! The next step of a lane, and when it is due.

use std::time::{Duration, Instant};

use super::lane_state::LaneState;
use super::{Clock, Group, OutgoingMessage, RunningLane, Switch};
use tracing::Level;

use crate::worker::stats::Reason;
use crate::worker::turns::{Claim, Priority, SendTime};

/// The next step of a lane.
pub(super) enum NextStep {
    Close,
    /// Until then, or until it is notified.
    Wait(Option<Instant>),
    Send,
}

impl<T, C: Clock> RunningLane<'_, T, C> {
    pub(super) fn next_step(&mut self, now: Instant) -> NextStep {
        self.shared.state.borrow_mut().is_failing = self.tries > 0;
        self.discard_outdated(now);
        self.report_on_stderr(now);
        let closing = self.worker.is_closing();
        let period = self.worker.settings().limits.report_period;
        if self.is_gone() && (!closing || self.leaves_pending_in_spool()) {
            self.withdraw();
            return match closing {
                true => NextStep::Close,
                false => NextStep::Wait(self.next_deadline(now)),
            };
        }
        #[cfg(feature = "fleet")]
        if let Some(next_step) = self.next_step_in_fleet(closing, now) {
            return next_step;
        }
        let reminds = self.reminds(now);
        let state = self.shared.state.borrow();
        // Another process may send the reminders, and the report need not wait for them.
        let leaves_counted = cfg!(feature = "spool") && closing && !self.worker.is_all_awaited();
        let report_at = report_at(&state, period, closing, leaves_counted, now);
        let report_due = report_at.is_some_and(|at| at <= now);
        drop(state);
        self.defer_rest(closing && report_due);
        let state = self.shared.state.borrow();
        let Some(claim) = self.claim(&state, report_due, reminds) else {
            drop(state);
            self.withdraw();
            #[cfg(feature = "fleet")]
            let closing = closing && self.has_left_fleet();
            return match closing {
                true => NextStep::Close,
                false => NextStep::Wait(report_at.into_iter().chain(self.next_deadline(now)).min()),
            };
        };
        drop(state);
        let next_deadline = self.next_deadline(now);
        let turn = self.turn(claim, now);
        self.shared.state.borrow_mut().blocked_until = match turn {
            SendTime::At(at) => Some(at),
            _ => None,
        };
        match turn {
            SendTime::Now => {}
            SendTime::At(at) => return NextStep::Wait(next_deadline.into_iter().chain([at]).min()),
            SendTime::After(rival) => {
                // Has the rival look in this round; this lane is notified of whatever it does.
                self.worker.with_lane(rival, |_| {});
                self.worker.notified.set(true);
                return NextStep::Wait(next_deadline);
            }
        }
        if self.sending.is_none() {
            self.sending = self.choose(report_due, now);
            self.note_in_flight();
            #[cfg(feature = "fleet")]
            self.note_chosen();
        }
        if self.sending.is_none() {
            self.withdraw();
            return NextStep::Wait(self.next_deadline(now));
        }
        NextStep::Send
    }

    /// Returns whether to leave pending events in the spool for the next process, whose settings
    /// may differ.
    fn leaves_pending_in_spool(&self) -> bool {
        #[cfg(feature = "spool")]
        return self.worker.keeps_counted();
        #[cfg(not(feature = "spool"))]
        false
    }

    /// Returns the severity of a reminder that may be sent now, if one may.
    fn reminds(&self, now: Instant) -> Option<Priority> {
        let tells_all = self.tells_all();
        let mut state = self.shared.state.borrow_mut();
        if state.known.counted() > 0 && tells_all {
            return Some(Priority::REMINDER);
        }
        let is_due = state.known.is_due(now);
        is_due.then(|| match state.known.is_late(now) {
            true => Priority::of(Level::ERROR),
            false => Priority::REMINDER,
        })
    }

    /// Returns what waits to be sent.
    fn claim(
        &self,
        state: &LaneState,
        report_due: bool,
        reminds: Option<Priority>,
    ) -> Option<Claim> {
        let is_awaited = self.worker.is_awaited();
        let waiting = state.groups.highest_priority();
        if let Some(sending) = &self.sending {
            // Pending groups wait behind this message, so the higher of the two priorities is claimed.
            let priority = waiting.max(Some(sending.priority()))?;
            return Some(Claim {
                priority,
                is_awaited,
                ..Claim::default()
            });
        }
        let told = (report_due || state.has_status_notice()).then_some(Priority::REPORT);
        let priority = waiting.or(reminds).or(told)?;
        Some(Claim {
            ignores_rest: self.rests_for_rejected && state.groups.has_unrejected(),
            ..Claim::new_message(priority, is_awaited)
        })
    }

    /// Claims a turn; returns whether and when the message may be sent.
    fn turn(&self, claim: Claim, now: Instant) -> SendTime {
        if self.worker.is_preview() {
            return SendTime::Now;
        }
        let mut turns = self.worker.turns.borrow_mut();
        let was_ready = turns.is_ready(self.index, now);
        if claim.is_awaited {
            turns.cancel_rest(self.index);
        }
        turns.claim(self.index, claim, now);
        let turn = turns.turn(self.index, now);
        drop(turns);
        if was_ready && matches!(turn, SendTime::At(_)) {
            // Others may have waited for it.
            self.worker.notify_lanes();
        }
        turn
    }

    /// Withdraws the claim, and wakes the lanes that may have waited for it.
    pub(super) fn withdraw(&self) {
        self.shared.state.borrow_mut().blocked_until = None;
        let had_claim = self.worker.turns.borrow_mut().withdraw(self.index);
        if had_claim {
            self.worker.notify_lanes();
        }
    }

    /// Returns the next instant at which the state changes without an event: expiry, a switch,
    /// losses due on standard error, a reminder. Reminders already due are skipped, so that a lane
    /// that is waiting does not spin.
    pub(super) fn next_deadline(&self, now: Instant) -> Option<Instant> {
        let state = self.shared.state.borrow();
        let limits = self.worker.settings().limits;
        let switch = match state.switch {
            Switch::On => None,
            Switch::Gone { until } => until,
            Switch::Disabled { until } => (state.stats.pending > 0).then_some(until),
        };
        let stderr = state.stderr_at(limits.report_period);
        let news = [
            switch,
            state.groups.next_expiry(limits.max_age),
            state.known.next_reminder_at().filter(|due| *due > now),
            state.known.next_expiry(limits.max_age),
            stderr.filter(|_| self.cannot_report(&state)),
        ];
        news.into_iter().flatten().min()
    }

    /// Discards events that are too old, or whose lane is switched off.
    fn discard_outdated(&mut self, now: Instant) {
        let max_age = self.worker.settings().limits.max_age;
        let mut state = self.shared.state.borrow_mut();
        state.expire(now, max_age);
        let of_age = state.expiry_reason();
        let mut given_up = None;
        match state.switch {
            Switch::Gone { .. } if self.worker.is_closing() && !self.leaves_pending_in_spool() => {
                state.lose_pending(Reason::SwitchedOff, now);
                given_up = Some(Reason::SwitchedOff);
            }
            Switch::Gone { until: Some(until) } if until <= now => state.switch = Switch::On,
            Switch::On => self.absence.note_switched_on(now),
            Switch::Disabled { until } if until <= now => {
                state.lose_pending(Reason::Disabled, now);
                given_up = Some(Reason::Disabled);
            }
            _ => {}
        }
        drop(state);
        if matches!(&self.sending, Some(sending) if sending.is_older(now, max_age)) {
            given_up = Some(given_up.unwrap_or(of_age));
        }
        if let Some(reason) = given_up {
            self.lose_sending(reason, now);
            self.drop_deferred(reason.as_str());
        }
    }

    /// Returns whether losses cannot be reported in this lane's chat for now.
    fn cannot_report(&self, state: &LaneState) -> bool {
        self.tries > 0 || matches!(state.switch, Switch::Gone { .. })
    }

    /// Writes losses to standard error while the lane's chat cannot be reached.
    fn report_on_stderr(&self, now: Instant) {
        let worker = self.worker;
        let mut state = self.shared.state.borrow_mut();
        let due = state.stderr_at(worker.settings().limits.report_period);
        if self.cannot_report(&state) && due.is_some_and(|at| at <= now) {
            state.say_losses(&worker.stderr, now);
        }
    }
}

impl OutgoingMessage {
    fn priority(&self) -> Priority {
        let groups = self.groups().iter().map(Group::priority);
        groups.max().unwrap_or(Priority::REPORT)
    }

    /// Returns whether even its newest event is older than `max_age`.
    fn is_older(&self, now: Instant, max_age: Duration) -> bool {
        let groups = self.groups();
        !groups.is_empty() && groups.iter().all(|group| group.is_older(now, max_age))
    }
}

/// Returns when the next report is due; at the end, after the events.
fn report_at(
    state: &LaneState,
    period: Duration,
    closing: bool,
    leaves_counted: bool,
    now: Instant,
) -> Option<Instant> {
    if matches!(state.switch, Switch::Gone { .. } | Switch::Disabled { .. }) {
        return None;
    }
    if closing {
        let is_told = state.known.counted() == 0 || leaves_counted;
        let is_last = state.groups.is_empty() && is_told;
        return state.losing_since.filter(|_| is_last).map(|_| now);
    }
    state.report_at(period)
}
