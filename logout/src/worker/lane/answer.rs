//! What a lane does with what its destination answered.

use std::time::{Duration, Instant};

use super::{Clock, Group, Lane, Sending, absence};
use crate::adapter::{Form, Mention, Verdict};
use crate::text::human::format_duration;
use crate::transport::{Fault, Response};
use crate::worker::backoff;
use crate::worker::stats::Reason;

/// Statuses of a server that failed in the middle of a request, or of a proxy that has no answer
/// to one it passed on.
const UNANSWERED: [u16; 7] = [408, 500, 502, 504, 520, 522, 524];

/// How often in a row what only supplements a message may fail: the next message is worth more.
pub(super) const MOST_TRIES_OF_SUPPLEMENT: u32 = 2;

/// How many requests a message may take.
const MOST_PARTS: usize = 64;

/// A pause of this length is said on standard error, and one of that length in the other chats.
const SAID: Duration = Duration::from_secs(30);
const TOLD_IN_CHATS: Duration = Duration::from_secs(5 * 60);

/// A destination that asks for a longer pause than this is asked again anyway.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

impl<T, C: Clock> Lane<'_, T, C> {
    /// Returns the answer; does what there is to do where there is none.
    pub(super) fn settle_fault(
        &mut self,
        answer: Result<Response, Fault>,
        now: Instant,
    ) -> Option<Response> {
        self.rests_for_suspect = false;
        match answer {
            Ok(response) => return Some(response),
            Err(Fault::Rejected(why)) => self.refused(&why.to_string(), now),
            Err(fault) => {
                if fault.may_have_arrived() {
                    self.lighten(now);
                }
                self.failed(fault.may_have_arrived(), &fault.to_string(), now);
            }
        }
        None
    }

    /// Does what an answer asks for, as its adapter judges it; gives it back where the destination took
    /// the part.
    pub(super) fn settle_verdict(
        &mut self,
        judged: Option<Verdict>,
        response: Response,
        now: Instant,
    ) -> Option<Response> {
        let verdict = judged.unwrap_or_else(|| self.judge_by_status(&response));
        let verdict = self.trust_head(verdict, &response);
        if let Some(pause) = response.pause()
            && !matches!(verdict, Verdict::Wait(_))
        {
            // Of a refusal the adapter knows better how long to wait.
            self.pause(pause, now);
        }
        if !matches!(
            verdict,
            Verdict::Wait(_) | Verdict::Retry(_) | Verdict::Away(_)
        ) {
            self.tries = 0;
            self.failing_since = None;
            self.worker.turns.borrow_mut().recover(self.index);
        }
        self.note_answer_of_platform(&verdict);
        if verdict == Verdict::Delivered {
            return Some(response);
        }
        self.follow(verdict, &response, now);
        None
    }

    fn follow(&mut self, verdict: Verdict, response: &Response, now: Instant) {
        match verdict {
            Verdict::Delivered => {}
            Verdict::Wait(pause) => self.wait_as_told(pause, now),
            Verdict::Retry(why) => {
                if let Some(pause) = response.retry_after() {
                    self.pause(pause, now);
                }
                self.lighten(now);
                self.failed(is_unanswered(response), &why, now);
            }
            Verdict::Away(why) => self.away(&why, response, now),
            Verdict::Refused(why)
            | Verdict::Unroutable(why)
            | Verdict::Moved(why)
            | Verdict::Gone(why)
            | Verdict::GoneForGood(why)
                if self.is_delivered() =>
            {
                self.leave_out(&why, now);
            }
            Verdict::Refused(why) => self.refused(&why, now),
            Verdict::Unroutable(why) => self.unroutable(&why, now),
            Verdict::Gone(why) => self.gone(&why, now),
            Verdict::GoneForGood(why) => self.gone_for_good(&why, now),
            Verdict::Moved(why) => self.moved(&why, now),
        }
    }

    /// Notes that the destination took a part; returns whether another follows.
    pub(super) fn part_taken(&mut self, response: Response, now: Instant) -> bool {
        self.note_mention(now);
        if !self.request.is_followed() {
            self.delivered(now);
            return false;
        }
        let Some(sending) = &mut self.sending else {
            return false;
        };
        if sending.part + 1 >= MOST_PARTS {
            self.refused("it takes more requests than a message may", now);
            return false;
        }
        sending.part += 1;
        sending.keep_answer(response);
        true
    }

    /// Notes that a message has mentioned people, which it has with its first part: the rest may wait.
    fn note_mention(&self, now: Instant) {
        let Some(sending) = &self.sending else { return };
        let severity = sending.groups().iter().map(Group::severity).max();
        if let (Mention::Allowed, 0, Some(severity)) = (sending.mention, sending.part, severity) {
            let mut state = self.shared.state.borrow_mut();
            state.mentions.note(severity, now);
        }
    }

    /// The destination asks to be left alone: the whole of it, not only this message.
    ///
    /// One that goes on asking is left alone for longer each time, whatever it says: it may say 0.
    fn wait_as_told(&mut self, pause: Duration, now: Instant) {
        let pause = match self.tries {
            0 => pause,
            tries => pause.max(backoff::delay(tries, fastrand::f64())),
        };
        self.tries += 1;
        self.pause(pause, now);
        self.requeue(now);
    }

    /// Leaves the destination alone as it asks, and tells those who wait for its messages when that
    /// is long.
    fn pause(&self, pause: Duration, now: Instant) {
        let worker = self.worker;
        let until = now + pause.min(LONGEST_PAUSE);
        worker.turns.borrow_mut().pause_lane(self.index, until);
        let (name, span) = (self.name(), format_duration(pause));
        let text = || format!("{name} asks for a pause of {span}");
        if pause >= TOLD_IN_CHATS {
            worker.announce(&text(), Some(self.index));
        } else if pause >= SAID {
            worker.say(&text());
        }
    }

    /// No answer, or one that will be another in a while.
    fn failed(&mut self, may_have_arrived: bool, why: &str, now: Instant) {
        self.tries += 1;
        let delay = backoff::delay(self.tries, fastrand::f64());
        self.worker.turns.borrow_mut().rest(self.index, now + delay);
        if self.is_delivered() && self.tries >= MOST_TRIES_OF_SUPPLEMENT {
            return self.leave_out(why, now);
        }
        if self.tries == 1 {
            let rest = format_duration(delay);
            self.say(&format!("{why}; trying again in {rest}"));
        }
        match &mut self.sending {
            Some(sending) if may_have_arrived => sending.possible_repeat = true,
            _ => self.requeue(now),
        }
    }

    /// Leaves the file of a message out that a destination within reach has failed to take for
    /// long: small ones may pass where a file does not, for lack of room there or of time on the
    /// way.
    pub(super) fn lighten(&mut self, now: Instant) {
        let failing_for = now - *self.failing_since.get_or_insert(now);
        let has_file = self.request.is_followed() || self.request.parts().next().is_some();
        let is_long = failing_for >= self.worker.settings().limits.lighter_after;
        match &mut self.sending {
            Some(sending) if has_file && is_long && sending.form == Form::Rich => {
                sending.form = Form::Plain;
                sending.begin_again();
                self.say("a message with a file fails again and again; sending it in plain form");
            }
            _ => {}
        }
    }

    /// Lays the events back among those that wait, so that the next message carries what has come
    /// in since. Not when people may have seen this one: then it is sent again as it was.
    pub(super) fn requeue(&mut self, now: Instant) {
        let Some(sending) = &self.sending else { return };
        let plain = sending.part == 0 && !sending.possible_repeat && sending.form == Form::Rich;
        if plain && !sending.groups().is_empty() {
            let groups = self.take_groups();
            self.shared.state.borrow_mut().requeue(groups, now);
        }
    }

    /// The platform does not take this message: once more in plain form, then it is given up.
    pub(super) fn refused(&mut self, why: &str, now: Instant) {
        if self.is_delivered() {
            return self.leave_out(why, now);
        }
        match &mut self.sending {
            Some(sending) if sending.form == Form::Rich => {
                sending.form = Form::Plain;
                sending.begin_again();
                self.say(&format!(
                    "a message was refused ({why}); sending it in plain form"
                ));
            }
            Some(sending) if sending.is_of_several_groups() => self.halve(now),
            Some(_) => {
                self.say(&format!("a message was refused in plain form too ({why})"));
                self.lose_sending(Reason::Rejected, now);
            }
            None => {}
        }
    }

    /// Parts a refused digest in two that are sent apart, so that in the end only what is refused
    /// by itself is lost.
    fn halve(&mut self, now: Instant) {
        self.say("a message of several events was refused; sending it in two halves");
        let groups = self.take_groups();
        let mut state = self.shared.state.borrow_mut();
        state.requeue_in_halves(groups, now);
    }

    /// The place a message asked for does not exist, or no longer: the configured place takes it.
    fn unroutable(&mut self, why: &str, now: Instant) {
        let minute = self.worker.settings().limits.recheck;
        if let Some(sending) = &mut self.sending
            && sending.routed
            && is_routed(sending)
        {
            sending.routed = false;
            sending.begin_again();
            if let Some(route) = sending.route() {
                let holds = minute.saturating_mul(absence::MISSING_ROUTE);
                self.lost_places.note(route, now, holds);
            }
            self.say(&format!("{why}; sending to the configured place instead"));
        } else if self.forget_memory() {
            if let Some(sending) = &mut self.sending {
                sending.begin_again();
            }
            self.say(&format!("{why}; sending as a message of its own instead"));
        } else {
            self.gone(why, now);
        }
    }

    /// Forgets what the adapter remembers of the only problem of this message, such as a thread that somebody
    /// has deleted; returns whether it remembered anything.
    fn forget_memory(&self) -> bool {
        match self.sending.as_ref().map(Sending::groups) {
            Some([only]) => self.shared.state.borrow_mut().known.forget_memory(only.key),
            _ => false,
        }
    }

    /// The destination has moved and the adapter knows where to: the same goes there, once.
    fn moved(&mut self, why: &str, now: Instant) {
        match &mut self.sending {
            Some(sending) if !sending.moved => {
                sending.moved = true;
                sending.begin_again();
                let text = format!("{}: {why}", self.name());
                self.worker.announce(&text, None);
            }
            _ => self.gone(why, now),
        }
    }
}

/// Whether a request that is to be sent again may have arrived: nobody said that it did not.
fn is_unanswered(response: &Response) -> bool {
    response.is_success() || UNANSWERED.contains(&response.status())
}

fn is_routed(sending: &Sending) -> bool {
    let mut groups = sending.groups().iter();
    groups.any(|group| crate::message::is_routed(&group.first.view()))
}
