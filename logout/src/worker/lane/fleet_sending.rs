//! Sending while leading: a message is registered with the broker first.

use std::time::{Duration, Instant};

use super::lane_state::LaneState;
use super::schedule::NextStep;
use super::{Clock, OutgoingMessage, RunningLane, Subject};
use crate::adapter::{Notice, Window};
use crate::message::ProgramInfo;
use crate::worker::settings::LiveSettings;

/// How long a message waits at a time until the broker has registered it.
const REGISTRATION_CHECK: Duration = Duration::from_millis(250);

impl<T, C: Clock> RunningLane<'_, T, C> {
    /// Tells the fleet how fast the destination takes messages.
    pub(super) fn set_fleet_pace(&self, windows: &[Window]) {
        let mut state = self.shared.state.borrow_mut();
        if let Some(fleet) = &mut state.fleet
            && let Some(window) = windows.first()
        {
            let requests = u32::try_from(window.requests).unwrap_or(u32::MAX).max(1);
            let span = window.span() / requests;
            fleet.member.set_span(span.max(Duration::from_secs(1)));
        }
    }

    /// Notes the problems of the message that was chosen.
    pub(super) fn note_chosen(&mut self) {
        let mut state = self.shared.state.borrow_mut();
        let LaneState {
            fleet,
            keys_in_flight,
            ..
        } = &mut *state;
        keys_in_flight.clear();
        if let (Some(fleet), Some(sending)) = (fleet, &mut self.sending) {
            sending.terms = fleet.terms;
            sending.reports_peer_losses = matches!(sending.subject, Subject::Report { .. })
                && fleet.peer_losses.is_in_flight();
            keys_in_flight.extend(sending.groups().iter().map(|group| group.key));
        }
    }

    /// Notes that no message is in flight.
    pub(super) fn note_nothing_in_flight(&self) {
        let mut state = self.shared.state.borrow_mut();
        state.keys_in_flight.clear();
        if let Some(fleet) = &mut state.fleet {
            fleet.member.end();
        }
    }

    /// Returns whether the lane has no fleet, or has left it.
    pub(super) fn has_left_fleet(&self) -> bool {
        let state = self.shared.state.borrow();
        let fleet = state.fleet.as_ref();
        fleet.is_none_or(|fleet| !fleet.has_own() && fleet.member.has_left())
    }

    /// Says in a notice which processes of the fleet it is of.
    pub(super) fn add_fleet_lines(&self, sending: &OutgoingMessage, notice: &mut Notice) {
        let state = self.shared.state.borrow();
        let Some(fleet) = &state.fleet else {
            return;
        };
        let Subject::Events(groups) = &sending.subject else {
            let may_be_told = sending.reports_peer_losses && fleet.peer_losses.possible_repeat();
            notice.possible_repeat |= may_be_told;
            return;
        };
        let place = fleet.member.place();
        let members = place.map_or(0, |place| place.members);
        notice.possible_repeat |= groups.iter().any(|group| group.repeats);
        let mut lines = Vec::new();
        if let Some(origins) = sending.origins() {
            notice.possible_repeat |= origins.possible_repeat;
            lines.extend(origins.hosts.summary(members));
            lines.extend(origins.told_clocks());
            if groups.iter().any(|one| one.is_news() && one.is_brief()) {
                let line = "in a line: its details were handed over before, and are not at hand";
                lines.push(line.to_owned());
            }
        } else {
            let rank = place.map(|place| format!(" (1 of {})", place.members));
            let host = match notice.host.as_str() {
                "" => "this process",
                host => host,
            };
            lines.push(format!(
                "the fleet's broker is away; {host} speaks for itself{}",
                rank.unwrap_or_default()
            ));
        }
        for line in lines {
            if !notice.body.is_empty() {
                notice.body.push('\n');
            }
            notice.body.push_str(&line);
        }
    }
}

impl<T, C: Clock> RunningLane<'_, T, C> {
    /// Returns the next step when the fleet decides it, else `None`.
    pub(super) fn next_step_in_fleet(&mut self, closing: bool, now: Instant) -> Option<NextStep> {
        let terms = self.shared.state.borrow().fleet.as_ref()?.terms;
        let is_anothers = |sending: &OutgoingMessage| {
            sending.terms != terms && !sending.delivered && sending.in_flight().is_some()
        };
        if self.sending.as_ref().is_some_and(is_anothers) {
            let groups = self.take_groups();
            self.shared.state.borrow_mut().return_to_fleet(groups, now);
        }
        let mut state = self.shared.state.borrow_mut();
        if let Some(sending) = &self.sending {
            let is_own = sending.delivered || sending.in_flight().is_none();
            let sends = state.fleet.as_ref()?.member.sends_until(now).is_some();
            return (!is_own && !sends).then_some(NextStep::Wait(None));
        }
        if state.may_choose(closing, now) {
            return None;
        }
        drop(state);
        self.withdraw();
        if closing && self.has_left_fleet() {
            return Some(NextStep::Close);
        }
        Some(NextStep::Wait(self.next_deadline(now)))
    }

    /// Registers the message with the broker; returns whether it may be sent.
    pub(super) async fn register_with_broker(&mut self) -> bool {
        let Some(sending) = self.sending.as_ref().filter(|sending| !sending.delivered) else {
            return true;
        };
        let (terms, Some(in_flight)) = (sending.terms, sending.in_flight()) else {
            return true;
        };
        let now = self.worker.now();
        if let Some(fleet) = &mut self.shared.state.borrow_mut().fleet
            && !fleet.member.may_send(now)
        {
            fleet.member.begin(in_flight);
        }
        // Once is enough: the lane is notified of each answer of the broker.
        self.worker.notify_fleet();
        loop {
            let now = self.worker.now();
            if let Some(fleet) = &self.shared.state.borrow().fleet {
                if fleet.terms != terms {
                    return false;
                }
                if fleet.member.may_send(now) {
                    return true;
                }
            }
            self.wait(Some(now + REGISTRATION_CHECK)).await;
        }
    }
}

impl LaneState {
    /// Notes that a message was delivered.
    pub(super) fn note_delivered_in_fleet(&mut self, sending: &OutgoingMessage) {
        if let (Some(fleet), Some(in_flight)) = (&mut self.fleet, sending.in_flight()) {
            fleet.member.note_counts_sent(&in_flight.keys);
            // Its remaining parts may take minutes yet.
            fleet.member.end();
        }
        // From here on its problems are known: more events are counted, and the broker hears of
        // that.
        self.keys_in_flight.clear();
    }
}

impl OutgoingMessage {
    /// Returns the origin of its events, if they came over the stream.
    pub(super) fn origin_in_fleet(&self, settings: &LiveSettings) -> Option<ProgramInfo> {
        let origins = self.origins()?;
        let origin = &origins.origin;
        Some(ProgramInfo {
            project: origin.project.clone(),
            environment: origin.environment.clone(),
            host: origins.hosts.only().unwrap_or_default().to_owned(),
            release: origins.told_releases(),
            links: settings.origin.links,
        })
    }
}
