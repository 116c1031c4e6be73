//! The handling of a destination's answers.

use std::time::{Duration, Instant};

use super::{Clock, Group, OutgoingMessage, RunningLane, absence};
use crate::adapter::{Form, Mention, Verdict};
use crate::text::human::format_duration;
use crate::transport::{Fault, Response};
use crate::worker::backoff;
use crate::worker::stats::Reason;

/// Statuses of a server that failed during a request, or of a proxy that got no answer to it.
const UNANSWERED: [u16; 7] = [408, 500, 502, 504, 520, 522, 524];

/// The most attempts for what only supplements a message: the next message is worth more.
pub(super) const MOST_TRIES_OF_SUPPLEMENT: u32 = 2;

/// The most requests of a message.
const MOST_PARTS: usize = 64;

/// A pause this long is reported on standard error, one of `ANNOUNCED_PAUSE` in the other chats.
const REPORTED_PAUSE: Duration = Duration::from_secs(30);
const ANNOUNCED_PAUSE: Duration = Duration::from_secs(5 * 60);

/// A destination that asks for a longer pause than this is tried again anyway.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

impl<T, C: Clock> RunningLane<'_, T, C> {
    /// Returns the response, or handles the fault and returns `None`.
    pub(super) fn settle_fault(
        &mut self,
        answer: Result<Response, Fault>,
        now: Instant,
    ) -> Option<Response> {
        self.rests_for_rejected = false;
        match answer {
            Ok(response) => return Some(response),
            Err(Fault::Rejected(why)) => self.handle_refusal(&why.to_string(), now),
            Err(fault) => {
                if fault.may_have_arrived() {
                    self.fall_back_to_plain_if_failing_long(now);
                }
                self.handle_failure(fault.may_have_arrived(), &fault.to_string(), now);
            }
        }
        None
    }

    /// Handles the verdict on an answer; returns the response if the destination took the part.
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
            // With `Wait` the adapter says how long.
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
        self.apply_verdict(verdict, &response, now);
        None
    }

    fn apply_verdict(&mut self, verdict: Verdict, response: &Response, now: Instant) {
        match verdict {
            Verdict::Delivered => {}
            Verdict::Wait(pause) => self.handle_wait(pause, now),
            Verdict::Retry(why) => {
                if let Some(pause) = response.retry_after() {
                    self.pause(pause, now);
                }
                self.fall_back_to_plain_if_failing_long(now);
                self.handle_failure(is_unanswered(response), &why, now);
            }
            Verdict::Away(why) => self.handle_away(&why, response, now),
            Verdict::Refused(why)
            | Verdict::Unroutable(why)
            | Verdict::Moved(why)
            | Verdict::Gone(why)
            | Verdict::GoneForGood(why)
                if self.is_delivered() =>
            {
                self.drop_rest(&why, now);
            }
            Verdict::Refused(why) => self.handle_refusal(&why, now),
            Verdict::Unroutable(why) => self.handle_unroutable(&why, now),
            Verdict::Gone(why) => self.handle_gone(&why, now),
            Verdict::GoneForGood(why) => self.handle_gone_for_good(&why, now),
            Verdict::Moved(why) => self.handle_moved(&why, now),
        }
    }

    /// Notes that the destination took a part; returns whether another follows.
    pub(super) fn handle_part_taken(&mut self, response: Response, now: Instant) -> bool {
        self.note_mention(now);
        if !self.request.is_followed() {
            self.finish_delivered(now);
            return false;
        }
        let Some(sending) = &mut self.sending else {
            return false;
        };
        if sending.part + 1 >= MOST_PARTS {
            self.handle_refusal("it takes more requests than a message may", now);
            return false;
        }
        sending.part += 1;
        sending.keep_answer(response);
        true
    }

    /// Notes a mention with the first part of a message, since the remaining parts may wait.
    fn note_mention(&self, now: Instant) {
        let Some(sending) = &self.sending else { return };
        let severity = sending.groups().iter().map(Group::severity).max();
        if let (Mention::Allowed, 0, Some(severity)) = (sending.mention, sending.part, severity) {
            let mut state = self.shared.state.borrow_mut();
            state.mentions.note(severity, now);
        }
    }

    /// Pauses the lane as the destination asks.
    ///
    /// A destination that keeps asking is left alone for longer each time, since it may ask for 0
    /// s.
    fn handle_wait(&mut self, pause: Duration, now: Instant) {
        let pause = match self.tries {
            0 => pause,
            tries => pause.max(backoff::delay(tries, fastrand::f64())),
        };
        self.tries += 1;
        self.pause(pause, now);
        self.requeue(now);
    }

    /// Pauses the lane, and reports the pause if it is long.
    fn pause(&self, pause: Duration, now: Instant) {
        let worker = self.worker;
        let until = now + pause.min(LONGEST_PAUSE);
        worker.turns.borrow_mut().pause_lane(self.index, until);
        let (name, span) = (self.name(), format_duration(pause));
        let text = || format!("{name} asks for a pause of {span}");
        if pause >= ANNOUNCED_PAUSE {
            worker.announce(&text(), Some(self.index));
        } else if pause >= REPORTED_PAUSE {
            worker.say(&text());
        }
    }

    /// Backs off after a fault or a passing failure.
    fn handle_failure(&mut self, may_have_arrived: bool, why: &str, now: Instant) {
        self.tries += 1;
        let delay = backoff::delay(self.tries, fastrand::f64());
        self.worker.turns.borrow_mut().rest(self.index, now + delay);
        if self.is_delivered() && self.tries >= MOST_TRIES_OF_SUPPLEMENT {
            return self.drop_rest(why, now);
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

    /// Sends a message without its file if a destination within reach has failed to take it for
    /// long: a small message may pass where there is no room or no time for a file.
    pub(super) fn fall_back_to_plain_if_failing_long(&mut self, now: Instant) {
        let failing_for = now - *self.failing_since.get_or_insert(now);
        let has_file = self.request.is_followed() || self.request.parts().next().is_some();
        let is_long = failing_for >= self.worker.settings().limits.lighter_after;
        match &mut self.sending {
            Some(sending) if has_file && is_long && sending.form == Form::Rich => {
                sending.form = Form::Plain;
                sending.restart();
                self.say("a message with a file fails again and again; sending it in plain form");
            }
            _ => {}
        }
    }

    /// Requeues the events, so that the next message carries those that came in since. If people
    /// may have seen this one it is sent again unchanged instead.
    pub(super) fn requeue(&mut self, now: Instant) {
        let Some(sending) = &self.sending else { return };
        let plain = sending.part == 0 && !sending.possible_repeat && sending.form == Form::Rich;
        if plain && !sending.groups().is_empty() {
            let groups = self.take_groups();
            self.shared.state.borrow_mut().requeue(groups, now);
        }
    }

    /// Sends a rejected message in plain form, then in halves; one that cannot be halved is lost.
    pub(super) fn handle_refusal(&mut self, why: &str, now: Instant) {
        if self.is_delivered() {
            return self.drop_rest(why, now);
        }
        match &mut self.sending {
            Some(sending) if sending.form == Form::Rich => {
                sending.form = Form::Plain;
                sending.restart();
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

    /// Splits a rejected digest in two, so that in the end only those events are lost that are
    /// rejected by themselves.
    fn halve(&mut self, now: Instant) {
        self.say("a message of several events was refused; sending it in two halves");
        let groups = self.take_groups();
        let mut state = self.shared.state.borrow_mut();
        state.requeue_in_halves(groups, now);
    }

    /// Sends the message without a route or a thread that does not exist; without either, the
    /// destination is gone.
    fn handle_unroutable(&mut self, why: &str, now: Instant) {
        let minute = self.worker.settings().limits.recheck;
        if let Some(sending) = &mut self.sending
            && sending.routed
            && is_routed(sending)
        {
            sending.routed = false;
            sending.restart();
            if let Some(route) = sending.route() {
                let holds = minute.saturating_mul(absence::MISSING_ROUTE_MINUTES);
                self.missing_routes.note(route, now, holds);
            }
            self.say(&format!("{why}; sending to the configured place instead"));
        } else if self.forget_memory() {
            if let Some(sending) = &mut self.sending {
                sending.restart();
            }
            self.say(&format!("{why}; sending as a message of its own instead"));
        } else {
            self.handle_gone(why, now);
        }
    }

    /// Forgets what the adapter remembers of the message's only problem, such as a deleted thread;
    /// returns whether it remembered anything.
    fn forget_memory(&self) -> bool {
        match self.sending.as_ref().map(OutgoingMessage::groups) {
            Some([only]) => self.shared.state.borrow_mut().known.forget_memory(only.key),
            _ => false,
        }
    }

    /// Sends the message to where the destination has moved, which the adapter knows; once.
    fn handle_moved(&mut self, why: &str, now: Instant) {
        match &mut self.sending {
            Some(sending) if !sending.moved => {
                sending.moved = true;
                sending.restart();
                let text = format!("{}: {why}", self.name());
                self.worker.announce(&text, None);
            }
            _ => self.handle_gone(why, now),
        }
    }
}

/// Returns whether a request that is to be sent again may have arrived.
fn is_unanswered(response: &Response) -> bool {
    response.is_success() || UNANSWERED.contains(&response.status())
}

fn is_routed(sending: &OutgoingMessage) -> bool {
    let mut groups = sending.groups().iter();
    groups.any(|group| crate::message::is_routed(&group.first.view()))
}
