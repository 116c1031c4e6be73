//! The choice of a lane's next message, and its text.

use std::time::Instant;

use super::known::ReminderFilter;
use super::lane_state::StatusNotice;
use super::{Clock, Group, GroupKey, OutgoingMessage, RunningLane, Subject, Switch};
use crate::adapter::{Mention, Notice};
#[cfg(feature = "spool")]
use crate::message::Composer;
use crate::message::{DeliveryState, DigestEntry, digest, report, status_notice};
use crate::worker::mentions::{self, MentionContext, Mentions};

/// A report says that losses are over after this part of a period without one.
const QUIET: u32 = 3;

impl<T, C: Clock> RunningLane<'_, T, C> {
    /// Chooses the next message: a status notice, then a report that is due, then events.
    pub(super) fn choose(&mut self, report_due: bool, now: Instant) -> Option<OutgoingMessage> {
        let mut state = self.shared.state.borrow_mut();
        // However much there is to report, events get every other message.
        let may_report = !self.last_was_report || state.groups.is_empty();
        let announced = may_report.then(|| state.next_status_notice()).flatten();
        drop(state);
        let subject = match announced {
            Some(announced) => Subject::StatusNotice(announced),
            None if report_due && may_report => self.choose_report(now),
            None => Subject::Events(self.choose_groups(now)?),
        };
        self.last_was_report = !matches!(subject, Subject::Events(_));
        let mut sending = OutgoingMessage::new(subject, now);
        sending.mention = self.mention(&sending, now);
        sending.tells_all = self.tells_all();
        if let Some(route) = sending.route() {
            sending.routed = !self.missing_routes.contains(route, now);
        }
        Some(sending)
    }

    fn choose_report(&mut self, now: Instant) -> Subject {
        let mut state = self.shared.state.borrow_mut();
        let taken = state.take_reported(now);
        if let Some((losses, period)) = taken {
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

    /// Chooses the groups to send: new ones with reminders that are very late, else reminders.
    fn choose_groups(&mut self, now: Instant) -> Option<Vec<Group>> {
        let keys = self.shared.state.borrow_mut().groups.next_keys();
        let keys = self.rejection_search.select(keys, fastrand::f64());
        let groups = if keys.is_empty() {
            self.choose_reminders(now)
        } else {
            self.choose_new(&keys, now)
        };
        (!groups.is_empty()).then_some(groups)
    }

    /// Takes one group while there is room to send each alone, else as many as one message holds.
    fn choose_new(&self, keys: &[GroupKey], now: Instant) -> Vec<Group> {
        let mut state = self.shared.state.borrow_mut();
        let known = &self.worker.shared.fingerprints;
        let room = self.worker.turns.borrow().room(self.index, now);
        let is_alone = keys.len() <= 1 || state.groups.len() <= room;
        let taken = if is_alone || !self.capabilities.digest {
            1
        } else {
            let entries = keys.iter().filter_map(|key| state.groups.get(*key));
            let entries: Vec<_> = entries.map(|group| group.entry(known)).collect();
            self.count_fitting(&entries)
        };
        let taken = keys.iter().take(taken);
        let taken = taken.filter_map(|key| state.groups.remove(*key));
        let mut groups: Vec<_> = taken.collect();
        for group in &mut groups {
            state.known.join(group, now);
        }
        let mut taken = groups.iter();
        let takes_others = taken.all(|group| !group.is_panic() && !group.rejected);
        if self.capabilities.digest && takes_others && state.known.is_late(now) {
            let route = groups.first().map(|group| group.key.route);
            groups.append(
                &mut state
                    .known
                    .take(ReminderFilter::Late, usize::MAX, route, now),
            );
        }
        groups
    }

    /// Takes the reminders that are due; all of them if somebody waits.
    fn choose_reminders(&self, now: Instant) -> Vec<Group> {
        let which = match self.tells_all() {
            false => ReminderFilter::Due,
            true => ReminderFilter::All,
        };
        let most = match self.capabilities.digest {
            true => usize::MAX,
            false => 1,
        };
        let mut state = self.shared.state.borrow_mut();
        let mut groups = state.known.take(which, most, None, now);
        if which == ReminderFilter::Due {
            let known = &self.worker.shared.fingerprints;
            let entries: Vec<_> = groups.iter().map(|group| group.entry(known)).collect();
            let taken = self.count_fitting(&entries);
            state.requeue(groups.split_off(taken.min(groups.len())), now);
        }
        groups
    }

    /// Returns how many of these entries one message holds.
    fn count_fitting(&self, entries: &[DigestEntry<'_>]) -> usize {
        let settings = self.worker.settings();
        let Some(composer) = settings.composer(self.index) else {
            return 1;
        };
        let (room, delivery) = (self.capabilities.room, DeliveryState::default());
        digest(&composer, entries, room, 1, delivery).1
    }

    /// Returns whether counted events are sent without waiting for their reminder.
    pub(super) fn tells_all(&self) -> bool {
        let is_disabled = matches!(self.shared.state.borrow().switch, Switch::Disabled { .. });
        is_disabled || self.worker.is_all_awaited()
    }

    /// Returns whether a message may mention people.
    fn mention(&self, sending: &OutgoingMessage, now: Instant) -> Mention {
        let from = self.capabilities.mentions_from;
        let settings = self.worker.settings();
        let instance = settings.instances.get(self.index);
        let mention_context = self.mention_context(sending.groups(), now);
        let Some((instance, mention_context)) = instance.zip(mention_context) else {
            return Mention::Never;
        };
        let mentions = match self.worker.is_preview() {
            true => Mentions::default(),
            false => self.shared.state.borrow().mentions,
        };
        mentions.judge(instance.mention, from, mention_context, now)
    }

    /// Composes the message, as of now.
    pub(super) fn compose(&self, sending: &OutgoingMessage, now: Instant) -> Option<Notice> {
        let settings = self.worker.settings();
        let composer = settings.composer(self.index)?;
        #[cfg(feature = "spool")]
        let origin = sending.origin(&settings);
        #[cfg(feature = "fleet")]
        let origin = origin.or_else(|| sending.origin_in_fleet(&settings));
        #[cfg(feature = "spool")]
        let composer = match &origin {
            Some(origin) => Composer { origin, ..composer },
            None => composer,
        };
        let mut notice = match &sending.subject {
            Subject::Events(groups) => {
                let ages = groups.iter().map(|group| group.age(now));
                let delivery = DeliveryState {
                    age: ages.max().unwrap_or_default(),
                    possible_repeat: sending.possible_repeat && !self.capabilities.idempotent,
                    routed: sending.routed,
                    tells_all: sending.tells_all,
                };
                let known = &self.worker.shared.fingerprints;
                let entries: Vec<_> = groups.iter().map(|group| group.entry(known)).collect();
                let (room, most) = (self.capabilities.room, entries.len());
                let (mut notice, _) = digest(&composer, &entries, room, most, delivery);
                let since = now.saturating_duration_since(sending.chosen);
                notice.mention = mentions::later(sending.mention, since);
                notice
            }
            Subject::Report {
                losses,
                period,
                over,
            } => {
                let notice = report(&composer, losses, *period, *over);
                #[cfg(feature = "spool")]
                let notice = self.worker.tell_disk_fault(&composer, notice);
                notice
            }
            Subject::StatusNotice(StatusNotice::Text(text)) => status_notice(&composer, text),
            #[cfg(feature = "spool")]
            Subject::StatusNotice(StatusNotice::Run(text)) => {
                let mut notice = status_notice(&composer, text);
                notice.state = crate::adapter::ProblemState::Known;
                notice
            }
            #[cfg(feature = "preview")]
            Subject::StatusNotice(StatusNotice::Notice(notice)) => Notice::clone(notice),
        };
        notice.id.clone_from(&sending.id);
        #[cfg(feature = "spool")]
        sending.mark_restored(&mut notice);
        #[cfg(feature = "fleet")]
        self.add_fleet_lines(sending, &mut notice);
        #[cfg(feature = "spool")]
        if let [only] = sending.groups() {
            let now = std::time::SystemTime::now();
            notice.history = self.worker.history_note(only, now);
        }
        Some(notice)
    }

    /// Returns what decides whether these groups mention people.
    fn mention_context(&self, groups: &[Group], now: Instant) -> Option<MentionContext> {
        let allows_named_problem = self
            .shared
            .state
            .borrow()
            .mentions
            .allows_named_problem(now);
        let is_news =
            |group: &Group| group.is_news() && (allows_named_problem || !group.is_named());
        let calls = |group: &&Group| is_news(group) || group.owes_mention();
        Some(MentionContext {
            news: groups.iter().filter(calls).map(Group::severity).max(),
            most_severe: groups.iter().map(Group::severity).max()?,
            new_panic: groups.iter().any(|one| one.is_panic() && one.is_news()),
        })
    }
}
