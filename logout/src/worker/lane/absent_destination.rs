//! The handling of a destination that is away or gone.

use std::time::{Duration, Instant};

use super::absence::{Blame, NextTry};
use super::answer::MOST_TRIES_OF_SUPPLEMENT;
use super::{Clock, RunningLane, Switch};
use crate::adapter::{Form, Verdict};
use crate::text::human::format_duration;
use crate::transport::Response;
use crate::worker::backoff;
use crate::worker::stats::Reason;

/// The status with which a firewall rejects a text.
const FORBIDDEN: u16 = 403;

impl<T, C: Clock> RunningLane<'_, T, C> {
    /// Returns the verdict by status after the adapter panicked: a success has arrived, and would
    /// be doubled if sent again.
    pub(super) fn judge_by_status(&self, response: &Response) -> Verdict {
        let status = response.status();
        self.say(&format!(
            "the adapter panicked while judging an answer of status {status}; the status decides"
        ));
        if response.is_success() {
            Verdict::Delivered
        } else {
            Verdict::from_status(response)
        }
    }

    /// Ends the absence if the platform itself has answered.
    pub(super) fn note_answer_of_platform(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Away(_) | Verdict::Gone(_) | Verdict::GoneForGood(_) => {}
            // A proxy may answer with these too.
            Verdict::Wait(_) | Verdict::Retry(_) => {}
            _ => self.absence.end(),
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(self.shared.state.borrow().switch, Switch::Gone { .. })
    }

    /// Backs off and keeps what waits, since something else answered in the destination's place.
    pub(super) fn handle_away(&mut self, why: &str, response: &Response, now: Instant) {
        let is_forbidden = response.status() == FORBIDDEN;
        if is_forbidden && self.tries_plain_form(why) {
            return;
        }
        self.fall_back_to_plain_if_failing_long(now);
        self.tries += 1;
        if self.is_delivered() && self.tries >= MOST_TRIES_OF_SUPPLEMENT {
            return self.drop_rest(why, now);
        }
        let backed_off = now + backoff::delay(self.tries, fastrand::f64());
        let minute = self.worker.settings().limits.recheck;
        let until = match self.absence.note_stranger(now, minute) {
            NextTry::BackOff => backed_off,
            NextTry::Recheck(at) => at,
            NextTry::Announce(at) => {
                self.announce_stranger(why, at.saturating_duration_since(now));
                at
            }
        };
        self.worker.turns.borrow_mut().rest(self.index, until);
        if self.tries == 1 {
            let rest = format_duration(until.saturating_duration_since(now));
            self.say(&format!("{why}; trying again in {rest}"));
        }
        match &mut self.sending {
            // It may have arrived.
            Some(sending) if response.is_success() => sending.possible_repeat = true,
            _ if is_forbidden => self.requeue_refused(now),
            _ => self.requeue(now),
        }
    }

    /// Sends a message in plain form that a firewall rejected, once; not if its groups were
    /// rejected in that form before. Returns whether it does.
    fn tries_plain_form(&mut self, why: &str) -> bool {
        let tries_plain = self.rejection_search.tries_plain() && !self.is_delivered();
        match &mut self.sending {
            Some(sending)
                if tries_plain && sending.form == Form::Rich && !sending.was_rejected() =>
            {
                sending.form = Form::Plain;
                sending.restart();
                self.say(&format!(
                    "something on the way refused a message ({why}); sending it in plain form"
                ));
                true
            }
            _ => false,
        }
    }

    fn announce_stranger(&self, why: &str, rest: Duration) {
        let (name, platform) = (self.name(), self.capabilities.platform);
        let text = format!(
            "{name} answers, but not as {platform} does: {why}. What waits is kept; asked again in {}.",
            format_duration(rest)
        );
        self.worker.announce(&text, Some(self.index));
    }

    /// Requeues what was rejected in plain form too, so that other groups are sent before it.
    fn requeue_refused(&mut self, now: Instant) {
        let Some(sending) = &self.sending else { return };
        let keys: Vec<_> = sending.groups().iter().map(|group| group.key).collect();
        if keys.is_empty() || sending.possible_repeat || sending.part > 0 {
            return;
        }
        let was_rejected = sending.was_rejected();
        let blame = self.rejection_search.note_refusal(&keys, was_rejected);
        let groups = self.take_groups();
        let mut state = self.shared.state.borrow_mut();
        state.requeue(groups, now);
        match blame {
            Blame::This => keys.iter().for_each(|key| state.groups.mark_rejected(*key)),
            Blame::Nobody => state.groups.clear_rejected(),
            Blame::OneOfThem => {}
        }
        self.rests_for_rejected = blame != Blame::Nobody;
    }

    /// Switches the lane off until the next recheck and announces that; what waits is kept.
    pub(super) fn handle_gone(&mut self, why: &str, now: Instant) {
        let minute = self.worker.settings().limits.recheck;
        let (until, is_news) = self.absence.note_gone(now, minute);
        self.switch_off(Some(until), now);
        let name = self.name();
        let again = format_duration(until.saturating_duration_since(now));
        if is_news {
            let text = format!(
                "{name} is switched off, asked again in {again}: {why}. What waits is kept. \
                Correct its configuration, or disable it."
            );
            self.worker.announce(&text, Some(self.index));
        } else {
            self.say(&format!("{why}; asked again in {again}"));
        }
    }

    /// Switches the lane off without a recheck, since the platform treats asking again as abuse.
    pub(super) fn handle_gone_for_good(&mut self, why: &str, now: Instant) {
        self.switch_off(None, now);
        let name = self.name();
        let text = format!(
            "{name} is switched off, not asked again: {why}. What waits is kept. Correct its \
            configuration, or disable it."
        );
        self.worker.announce(&text, Some(self.index));
    }

    fn switch_off(&mut self, until: Option<Instant>, now: Instant) {
        if matches!(&self.sending, Some(sending) if !sending.groups().is_empty()) {
            self.requeue(now);
        } else {
            self.lose_sending(Reason::SwitchedOff, now);
        }
        self.drop_deferred(Reason::SwitchedOff.as_str());
        self.shared.state.borrow_mut().switch = Switch::Gone { until };
    }
}
