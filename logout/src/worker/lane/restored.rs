//! The groups of a lane on disk, and those that another process left there.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::OutgoingMessage;
use super::group::{Group, GroupKey, KeptEvent};
use super::known::{EarlierHistory, PendingReminder};
use super::lane_state::{LaneState, StatusNotice, Switch};
use crate::adapter::Notice;
use crate::event::{LazySite, Site, carried};
use crate::message::{Collective, ProgramInfo, route_key};
use crate::spool::record::{
    StoredGroup, StoredOrigin, StoredSite, from_nanoseconds, to_nanoseconds,
};
use crate::worker::problems::ProblemId;
use crate::worker::settings::LiveSettings;
use crate::worker::stats::Reason;

/// The origin of a group that another process left.
#[derive(Clone, Debug)]
pub(crate) struct Restored {
    origin: StoredOrigin,
    /// Call sites of its events, except that of the first.
    sites: Vec<(Site, u64)>,
    /// Whether a message with it was in flight.
    possible_repeat: bool,
    /// The instance that had it, if there is none of that name any more.
    pub(crate) lane: Option<String>,
}

/// The groups of a lane on disk.
#[derive(Debug, Default)]
pub(crate) struct StoredLane {
    /// The groups on disk, by the lane's numbers of their first events.
    pub(crate) units: HashMap<u64, GroupRecord>,
    /// The groups of the message in flight.
    pub(crate) in_flight: Vec<Group>,
    /// How many events of each the next start sends, by the same numbers; known at the end.
    pub(crate) kept: HashMap<u64, u64>,
    /// Whether a group was lost since this was last looked at.
    pub(crate) has_lost: bool,
}

/// The record of one group on disk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GroupRecord {
    pub(crate) id: u64,
    pub(crate) events: u64,
    pub(crate) in_flight: bool,
    /// Whether it waits for a reminder.
    pub(crate) counted: bool,
    /// The batch that wrote it last; none if it has to be written whole.
    pub(crate) batch: Option<u64>,
    /// The last round in which it was seen.
    pub(crate) round: u64,
}

impl LaneState {
    /// Adds a group that another process left; a reminder waits until due.
    pub(crate) fn restore(&mut self, group: Group, is_reminder: bool, now: Instant) {
        self.stats.accept(group.events);
        self.stats.restored += group.events;
        #[cfg(feature = "fleet")]
        if let Some(fleet) = &mut self.fleet {
            fleet.member.make_due(now);
            fleet.outbox.merge(group);
            return self.evict_over_budget(now);
        }
        if is_reminder && self.known.restore(&group, now) {
            return;
        }
        self.groups.merge(group);
        self.evict_over_budget(now);
    }

    /// Queues a notice about the start or the end of the program.
    pub(crate) fn queue_run_notice(&mut self, text: &str) {
        if !matches!(self.switch, Switch::Disabled { .. }) {
            self.status_notices
                .push_back(StatusNotice::Run(text.to_owned()));
        }
    }

    /// Sets what other processes knew of problems.
    pub(crate) fn set_earlier(&mut self, earlier: &Rc<EarlierHistory>) {
        self.known.earlier = Some(Rc::clone(earlier));
    }

    /// Returns the number of a restored group.
    pub(crate) fn take_number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// Leaves the stored part of a group to the next start and counts the rest as lost; returns
    /// false if nothing of it is stored.
    pub(super) fn keep_stored(&mut self, group: &Group, reason: Reason, now: Instant) -> bool {
        self.stored.has_lost = true;
        let Some(kept) = self.stored.kept.remove(&group.number) else {
            return false;
        };
        let kept = kept.min(group.events);
        self.stats.keep(kept);
        let left = group.events - kept;
        if left > 0 {
            self.stats.discard(reason, left);
            let site = LazySite::of(&group.first.view());
            self.note_loss(reason, group.level, site, left, now);
        }
        true
    }
}

impl Group {
    /// Restores a group from its record; `oldest` and `newest` are the ages of these events.
    pub(crate) fn restored(
        stored: &StoredGroup,
        first: &Rc<KeptEvent>,
        number: u64,
        (oldest, newest): (Duration, Duration),
        now: Instant,
    ) -> Self {
        let collective = match stored.collective {
            1 => Some(Collective::Values),
            2 => Some(Collective::Texts),
            _ => None,
        };
        let view = first.view();
        let key = GroupKey {
            problem: ProblemId {
                fingerprint: stored.fingerprint,
                site: 0,
                collective,
            },
            route: route_key(&view),
            restored: stored.id,
        };
        // A group from before the clock's first instant counts as younger than it is.
        let ago = |age: Duration| now.checked_sub(age).unwrap_or(now);
        let sites = stored.sites.iter();
        let sites = sites.map(|site| (site.place(), site.events));
        let restored = Restored {
            origin: stored.origin.clone(),
            sites: sites.collect(),
            possible_repeat: stored.in_flight,
            lane: None,
        };
        let mut group = Self::new(key, number, &view, now, Rc::clone(first));
        group.last = stored.last.clone();
        group.last_time = from_nanoseconds(stored.last_time);
        group.level = carried::level(stored.level);
        group.events = stored.events.max(1);
        group.oldest = ago(oldest);
        group.newest = ago(newest);
        group.restored = Some(Box::new(restored));
        group
    }

    /// Returns the group's record, still without its first event and this process as its origin.
    pub(crate) fn to_stored(&self, now: Instant) -> StoredGroup {
        let sites = self.sites().skip(1);
        let sites = sites.map(|(site, events)| StoredSite::new(site, events));
        let restored = self.restored.as_ref();
        let origin = restored.map(|restored| restored.origin.clone());
        let millis = |since| millis(since, now);
        StoredGroup {
            fingerprint: self.key.problem.fingerprint,
            collective: collective_number(self.key),
            level: carried::level_number(self.level),
            events: self.events,
            last: self.last.clone(),
            last_time: to_nanoseconds(self.last_time),
            oldest_age: millis(self.oldest),
            newest_age: millis(self.newest),
            origin: origin.unwrap_or_default(),
            sites: sites.collect(),
            counted: self.is_reminder(),
            ..StoredGroup::default()
        }
    }

    /// Returns whether it is a reminder, which another process is to send when it is due.
    pub(crate) fn is_reminder(&self) -> bool {
        !self.is_news()
    }

    /// Returns whether its problem was reported before.
    pub(crate) fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Notes the instance that it was for, which no longer exists.
    pub(crate) fn note_lane(&mut self, lane: &str) {
        if let Some(restored) = &mut self.restored {
            restored.lane = Some(lane.to_owned());
        }
    }

    /// Returns whether a message with it was in flight when its process ended.
    pub(crate) fn may_have_been_told(&self) -> bool {
        let (restored, known) = (self.restored.as_ref(), self.known.as_ref());
        restored.is_some_and(|restored| restored.possible_repeat)
            || known.is_some_and(|known| known.possible_repeat)
    }

    pub(super) fn restored_sites(&self) -> impl Iterator<Item = (Site, u64)> {
        let restored = self.restored.iter();
        restored.flat_map(|restored| restored.sites.iter().cloned())
    }

    /// Returns whether one process saw both, so that one message may contain them.
    pub(super) fn is_of_same_process(&self, other: &Self) -> bool {
        match (&self.restored, &other.restored) {
            (Some(one), Some(other)) => one.origin == other.origin && one.lane == other.lane,
            (None, None) => true,
            _ => false,
        }
    }
}

impl PendingReminder<'_> {
    /// Returns its record, still without its last event and its origin.
    pub(crate) fn to_stored(&self, now: Instant) -> StoredGroup {
        let age = millis(self.last_event, now);
        StoredGroup {
            fingerprint: self.key.problem.fingerprint,
            collective: collective_number(self.key),
            level: carried::level_number(self.level),
            events: self.events,
            last_time: to_nanoseconds(self.last_time),
            oldest_age: age,
            newest_age: age,
            in_flight: self.possible_repeat,
            counted: true,
            ..StoredGroup::default()
        }
    }
}

fn collective_number(key: GroupKey) -> u8 {
    match key.problem.collective {
        None => 0,
        Some(Collective::Values) => 1,
        Some(Collective::Texts) => 2,
    }
}

fn millis(since: Instant, now: Instant) -> u64 {
    let age = now.saturating_duration_since(since).as_millis();
    u64::try_from(age).unwrap_or(u64::MAX)
}

impl OutgoingMessage {
    /// Returns the groups that are not delivered yet.
    pub(super) fn untold(&self) -> &[Group] {
        match self.delivered {
            true => &[],
            false => self.groups(),
        }
    }

    fn restored(&self) -> Option<&Restored> {
        self.groups().first()?.restored.as_deref()
    }

    /// Returns the process that saw the events, if not this one.
    pub(super) fn origin(&self, settings: &LiveSettings) -> Option<ProgramInfo> {
        let origin = &self.restored()?.origin;
        Some(ProgramInfo {
            project: origin.project.clone(),
            environment: origin.environment.clone(),
            host: origin.host.clone(),
            release: origin.release.clone(),
            links: settings.origin.links,
        })
    }

    /// Marks the notice if another process saw its events.
    pub(super) fn mark_restored(&self, notice: &mut Notice) {
        notice.possible_repeat |= self.groups().iter().any(Group::may_have_been_told);
        notice.restored = match self.restored().map(|restored| &restored.lane) {
            None => return,
            Some(None) => "from before a restart".to_owned(),
            Some(Some(lane)) => format!("from before a restart, for `{lane}`"),
        };
    }
}
