//! What a lane does while its destination is away or gone.

use std::time::{Duration, Instant};

use super::absence::{Blame, Next};
use super::answer::MOST_TRIES_OF_SUPPLEMENT;
use super::{Clock, Lane, Switch};
use crate::adapter::{Form, Verdict};
use crate::text::human::format_duration;
use crate::transport::Response;
use crate::worker::backoff;
use crate::worker::stats::Reason;

/// The status by which a firewall refuses a text that it dislikes.
const FORBIDDEN: u16 = 403;

impl<T, C: Clock> Lane<'_, T, C> {
    /// Returns what an answer means that the adapter panicked over: that of a success arrived, and
    /// sending it again would only double it.
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

    /// Notes whether it was the platform that has answered.
    pub(super) fn note_answer_of_platform(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Away(_) | Verdict::Gone(_) | Verdict::GoneForGood(_) => {}
            // Anybody may say these.
            Verdict::Wait(_) | Verdict::Retry(_) => {}
            _ => self.absence.end(),
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(self.shared.state.borrow().switch, Switch::Gone { .. })
    }

    /// Something else has answered in the destination's place: what waits is kept and tried again.
    pub(super) fn away(&mut self, why: &str, response: &Response, now: Instant) {
        let is_forbidden = response.status() == FORBIDDEN;
        if is_forbidden && self.tries_plain_form(why) {
            return;
        }
        self.lighten(now);
        self.tries += 1;
        if self.is_delivered() && self.tries >= MOST_TRIES_OF_SUPPLEMENT {
            return self.leave_out(why, now);
        }
        let backed_off = now + backoff::delay(self.tries, fastrand::f64());
        let minute = self.worker.settings().limits.recheck;
        let until = match self.absence.note_stranger(now, minute) {
            Next::BackOff => backed_off,
            Next::Ask(at) => at,
            Next::Say(at) => {
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

    /// Sends it in plain form, in which a firewall may like it better; once, and not again at each
    /// further try of what was refused in that form too.
    fn tries_plain_form(&mut self, why: &str) -> bool {
        let tries_plain = self.suspicion.tries_plain() && !self.is_delivered();
        match &mut self.sending {
            Some(sending) if tries_plain && sending.form == Form::Rich && !sending.is_suspect() => {
                sending.form = Form::Plain;
                sending.begin_again();
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

    /// Lays back what was refused in plain form too, so that others may go before it.
    fn requeue_refused(&mut self, now: Instant) {
        let Some(sending) = &self.sending else { return };
        let keys: Vec<_> = sending.groups().iter().map(|group| group.key).collect();
        if keys.is_empty() || sending.possible_repeat || sending.part > 0 {
            return;
        }
        let is_suspect = sending.is_suspect();
        let blame = self.suspicion.note_refusal(&keys, is_suspect);
        let groups = self.take_groups();
        let mut state = self.shared.state.borrow_mut();
        state.requeue(groups, now);
        match blame {
            Blame::This => keys.iter().for_each(|key| state.groups.suspect(*key)),
            Blame::Nobody => state.groups.clear_suspects(),
            Blame::OneOfThem => {}
        }
        self.rests_for_suspect = blame != Blame::Nobody;
    }

    /// The platform says that nothing arrives there any more: everybody else says so, what waits is
    /// kept, and it is asked again.
    pub(super) fn gone(&mut self, why: &str, now: Instant) {
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

    /// The same where asking again would be an offence.
    pub(super) fn gone_for_good(&mut self, why: &str, now: Instant) {
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
        self.leave_out_deferred(Reason::SwitchedOff.as_str());
        self.shared.state.borrow_mut().switch = Switch::Gone { until };
    }
}
