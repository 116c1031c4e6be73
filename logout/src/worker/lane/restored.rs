//! What a lane has on disk, and what it was left by a process that is no more.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::Sending;
use super::group::{Group, Kept, Key};
use super::known::{Earlier, Waiting};
use super::lane_state::{LaneState, StatusNotice, Switch};
use crate::adapter::Notice;
use crate::event::{LazySite, Site, carried};
use crate::message::{Collective, Origin, route_key};
use crate::spool::record::{StoredGroup, StoredOrigin, StoredSite, from_wall, to_wall};
use crate::worker::problems::Telling;
use crate::worker::settings::LiveSettings;
use crate::worker::stats::Reason;

/// What is known of a group that another process saw.
#[derive(Clone, Debug)]
pub(crate) struct Restored {
    origin: StoredOrigin,
    /// Where some of its events came from, beside the place of the first.
    sites: Vec<(Site, u64)>,
    /// Whether a message with it was under way.
    possible_repeat: bool,
    /// The instance that had it, where there is none of that name any more.
    pub(crate) lane: Option<String>,
}

/// What of a lane is on disk, or to be.
#[derive(Debug, Default)]
pub(crate) struct StoredLane {
    /// What is on disk of groups, by the lane's numbers of their first events.
    pub(crate) units: HashMap<u64, Unit>,
    /// The groups of the message under way.
    pub(crate) under_way: Vec<Group>,
    /// Events that the next start tells, by the same numbers; known at the end.
    pub(crate) kept: HashMap<u64, u64>,
    /// Whether something was given up since this was last looked at.
    pub(crate) has_lost: bool,
}

/// What is on disk of one group.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unit {
    pub(crate) id: u64,
    pub(crate) events: u64,
    pub(crate) under_way: bool,
    /// Whether it waits for the moment of a reminder.
    pub(crate) counted: bool,
    /// In which batch it was written last; none where it has to be written whole.
    pub(crate) batch: Option<u64>,
    /// In which round it was last seen to live.
    pub(crate) round: u64,
}

impl LaneState {
    /// Takes what another process left; where that was counted, it waits for its moment.
    pub(crate) fn restore(&mut self, group: Group, is_counted: bool, now: Instant) {
        self.stats.accept(group.events);
        self.stats.restored += group.events;
        #[cfg(feature = "fleet")]
        if let Some(fleet) = &mut self.fleet {
            fleet.member.hurry(now);
            fleet.outbox.merge(group);
            return self.keep_bounds(now);
        }
        if is_counted && self.known.restore(&group, now) {
            return;
        }
        self.groups.merge(group);
        self.keep_bounds(now);
    }

    /// Tells of the program's life, in a line.
    pub(crate) fn tell_life(&mut self, text: &str) {
        if !matches!(self.switch, Switch::Disabled { .. }) {
            self.announcements
                .push_back(StatusNotice::Life(text.to_owned()));
        }
    }

    /// Has the lane know what other processes knew of problems.
    pub(crate) fn known_earlier(&mut self, earlier: &Rc<Earlier>) {
        self.known.earlier = Some(Rc::clone(earlier));
    }

    /// Returns the number of a group that is to be restored.
    pub(crate) fn number_restored(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// Keeps for the next start what is on disk of a group that is given up at the end; tells whether
    /// all of it is.
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
    /// Makes a group of what was kept, `ages` being how long its oldest and newest event have waited.
    pub(crate) fn restored(
        stored: &StoredGroup,
        first: &Rc<Kept>,
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
        let key = Key {
            telling: Telling {
                fingerprint: stored.fingerprint,
                site: 0,
                collective,
            },
            route: route_key(&view),
            restored: stored.id,
        };
        // Where a moment so long ago is not to be had, what waits is younger than it is.
        let ago = |age: Duration| now.checked_sub(age).unwrap_or(now);
        let sites = stored.sites.iter();
        let sites = sites.map(|site| (site.place(), site.events));
        let restored = Restored {
            origin: stored.origin.clone(),
            sites: sites.collect(),
            possible_repeat: stored.under_way,
            lane: None,
        };
        let mut group = Self::new(key, number, &view, now, Rc::clone(first));
        group.last = stored.last.clone();
        group.last_time = from_wall(stored.last_time);
        group.level = carried::level(stored.level);
        group.events = stored.events.max(1);
        group.oldest = ago(oldest);
        group.newest = ago(newest);
        group.restored = Some(Box::new(restored));
        group
    }

    /// What is stored of it, but for its first event and who saw it.
    pub(crate) fn to_stored(&self, now: Instant) -> StoredGroup {
        let sites = self.sites().skip(1);
        let sites = sites.map(|(site, events)| StoredSite::new(site, events));
        let restored = self.restored.as_ref();
        let origin = restored.map(|restored| restored.origin.clone());
        let millis = |since| millis(since, now);
        StoredGroup {
            fingerprint: self.key.telling.fingerprint,
            collective: collective_number(self.key),
            level: carried::level_number(self.level),
            events: self.events,
            last: self.last.clone(),
            last_time: to_wall(self.last_time),
            oldest_age: millis(self.oldest),
            newest_age: millis(self.newest),
            origin: origin.unwrap_or_default(),
            sites: sites.collect(),
            counted: self.is_counted(),
            ..StoredGroup::default()
        }
    }

    /// Whether it is a reminder, which another process is to send at its moment.
    pub(crate) fn is_counted(&self) -> bool {
        !self.is_news()
    }

    /// Whether people were told of its problem before.
    pub(crate) fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Notes whose it was, where that instance is no more.
    pub(crate) fn note_lane(&mut self, lane: &str) {
        if let Some(restored) = &mut self.restored {
            restored.lane = Some(lane.to_owned());
        }
    }

    /// Whether a message with it was under way when its process ended.
    pub(crate) fn may_have_been_told(&self) -> bool {
        let (restored, known) = (self.restored.as_ref(), self.known.as_ref());
        restored.is_some_and(|restored| restored.possible_repeat)
            || known.is_some_and(|known| known.possible_repeat)
    }

    pub(super) fn restored_sites(&self) -> impl Iterator<Item = (Site, u64)> {
        let restored = self.restored.iter();
        restored.flat_map(|restored| restored.sites.iter().cloned())
    }

    /// Whether one process saw both, and one message may tell them.
    pub(super) fn is_of_same_process(&self, other: &Self) -> bool {
        match (&self.restored, &other.restored) {
            (Some(one), Some(other)) => one.origin == other.origin && one.lane == other.lane,
            (None, None) => true,
            _ => false,
        }
    }
}

impl Waiting<'_> {
    /// What is stored of it, but for its last event and who saw it.
    pub(crate) fn to_stored(&self, now: Instant) -> StoredGroup {
        let age = millis(self.last_event, now);
        StoredGroup {
            fingerprint: self.key.telling.fingerprint,
            collective: collective_number(self.key),
            level: carried::level_number(self.level),
            events: self.events,
            last_time: to_wall(self.last_time),
            oldest_age: age,
            newest_age: age,
            under_way: self.possible_repeat,
            counted: true,
            ..StoredGroup::default()
        }
    }
}

fn collective_number(key: Key) -> u8 {
    match key.telling.collective {
        None => 0,
        Some(Collective::Values) => 1,
        Some(Collective::Texts) => 2,
    }
}

fn millis(since: Instant, now: Instant) -> u64 {
    let age = now.saturating_duration_since(since).as_millis();
    u64::try_from(age).unwrap_or(u64::MAX)
}

impl Sending {
    /// The groups of which people have not been told yet.
    pub(super) fn untold(&self) -> &[Group] {
        match self.delivered {
            true => &[],
            false => self.groups(),
        }
    }

    fn restored(&self) -> Option<&Restored> {
        self.groups().first()?.restored.as_deref()
    }

    /// Who saw what it tells, where that is another process.
    pub(super) fn origin(&self, settings: &LiveSettings) -> Option<Origin> {
        let origin = &self.restored()?.origin;
        Some(Origin {
            project: origin.project.clone(),
            environment: origin.environment.clone(),
            host: origin.host.clone(),
            release: origin.release.clone(),
            links: settings.origin.links,
        })
    }

    /// Says where it tells of another process.
    pub(super) fn tell_restored(&self, notice: &mut Notice) {
        notice.possible_repeat |= self.groups().iter().any(Group::may_have_been_told);
        notice.restored = match self.restored().map(|restored| &restored.lane) {
            None => return,
            Some(None) => "from before a restart".to_owned(),
            Some(Some(lane)) => format!("from before a restart, for `{lane}`"),
        };
    }
}
