//! The knowledge of problems, for the next process and for the readers of messages.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use super::Storing;
use super::age::is_set;
use crate::spool::history::{History, Sighting, from_seconds};
use crate::spool::record::{Record, StoredProblems};
use crate::text::human::format_duration;
use crate::text::timestamp::Timestamp;
use crate::worker::lane::{EarlierHistory, Group};
use crate::worker::{Clock, Worker};

/// The age from which the time of day does not say when a problem was first seen.
const HALF_A_DAY: Duration = Duration::from_secs(12 * 60 * 60);

/// A problem that returns sooner was not gone.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The seconds by which clocks are set without anybody noticing.
const CLOCK_TOLERANCE: u32 = 60 * 60;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl<T, C: Clock> Worker<T, C> {
    /// Writes the changes of known problems: which were sent and, with counts, when each was last
    /// seen.
    pub(super) fn write_problems(
        &self,
        storing: &Storing<C>,
        with_counts: bool,
        records: &mut Vec<u8>,
    ) {
        self.adopt_clock(storing);
        let earlier = storing.earlier.borrow();
        let mut history = storing.history.borrow_mut();
        let mut known = StoredProblems::default();
        if storing.has_lost_history.take() {
            let releases = history
                .releases()
                .map(|(index, one)| (index, one.to_owned()));
            known.releases = releases.collect();
            known.problems = history.problems();
        }
        let release = self.release();
        let now = earlier.seconds(self.now());
        // Without a clock that was set nothing can be known of them.
        let lanes = self.lanes.iter().filter(|_| is_set(earlier.wall()));
        for lane in lanes {
            for mut seen in lane.state.borrow().known.sightings(&earlier) {
                if !is_set(from_seconds(seen.first_seen)) {
                    // The clock was set since.
                    seen.first_seen = seen.first_told;
                }
                let before = history.get(seen.fingerprint).copied();
                let seen = merged(seen, before, now);
                let is_told = before.is_none_or(|before| {
                    (before.first_told, before.last_told) != (seen.first_told, seen.last_told)
                });
                if Some(seen) == before || !(is_told || with_counts) {
                    continue;
                }
                let seen = match before {
                    Some(_) => seen,
                    None => {
                        let (index, is_new) = history.note_release(&release);
                        if is_new {
                            known.releases.push((index, release.clone()));
                        }
                        Sighting {
                            release: index,
                            ..seen
                        }
                    }
                };
                history.set(seen);
                known.problems.push(seen);
            }
        }
        if !known.problems.is_empty() {
            Record::Problems(known).write(records);
        }
    }

    /// Uses the system clock from when it is set.
    fn adopt_clock(&self, storing: &Storing<C>) {
        let wall = SystemTime::now();
        if is_set(storing.earlier.borrow().wall()) || !is_set(wall) {
            return;
        }
        let history = storing.history.borrow().clone();
        self.know_earlier(storing, history, wall);
    }

    /// Passes to the lanes what earlier processes knew of problems.
    pub(super) fn know_earlier(&self, storing: &Storing<C>, history: History, wall: SystemTime) {
        let earlier = Rc::new(EarlierHistory::new(history, self.now(), wall));
        for lane in &self.lanes {
            lane.state.borrow_mut().set_earlier(&earlier);
        }
        storing.earlier.replace(earlier);
    }

    /// Returns the release, as it is stored.
    fn release(&self) -> String {
        let settings = self.settings();
        let composer = settings.composer(0);
        composer.map_or_else(String::new, |composer| {
            composer.text(&settings.origin.release)
        })
    }

    /// Returns what earlier processes knew of a group's problem, if that is worth mentioning.
    pub(in crate::worker) fn history_note(&self, group: &Group, now: SystemTime) -> String {
        let Some(storing) = &self.storing else {
            return String::new();
        };
        let (history, settings) = (storing.history.borrow(), self.settings());
        let seen = history.get(group.key.problem.fingerprint).copied();
        let release = self.release();
        let is_new_in_release = seen
            .is_none_or(|seen| history.release(seen.release) == Some(release.as_str()))
            && !release.is_empty()
            && history.knows_another_release(&release);
        let since = |seconds| {
            now.duration_since(from_seconds(seconds))
                .unwrap_or_default()
        };
        let silent = seen.map_or(Duration::ZERO, |seen| since(seen.last_seen));
        let known = seen.filter(|seen| since(seen.first_seen) >= HALF_A_DAY);
        match (known, group.is_known()) {
            (_, false) if silent >= 2 * DAY => {
                format!("back after {} days", silent.as_secs() / DAY.as_secs())
            }
            (_, false) if silent >= HOUR => format!("back after {}", format_duration(silent)),
            _ if is_new_in_release => format!("new in {release}"),
            (Some(known), true) => {
                let first = from_seconds(known.first_seen);
                format!("known since {}", day(first, now, settings.utc))
            }
            _ => String::new(),
        }
    }
}

/// Merges two sightings of a problem, from two lanes or from an earlier process.
fn merged(seen: Sighting, before: Option<Sighting>, now: u32) -> Sighting {
    let Some(before) = before else {
        return seen;
    };
    if before.last_seen > now.saturating_add(CLOCK_TOLERANCE) {
        // The clock was set back since; the time would be believed until then.
        return Sighting {
            release: before.release,
            ..seen
        };
    }
    let is_same_life = seen.first_told <= before.last_seen.saturating_add(1) || seen == before;
    let (first_told, events) = match is_same_life {
        true => (
            before.first_told.min(seen.first_told),
            before.events.max(seen.events),
        ),
        false => (seen.first_told, seen.events),
    };
    Sighting {
        first_seen: before.first_seen.min(seen.first_seen),
        last_seen: before.last_seen.max(seen.last_seen),
        first_told,
        last_told: before.last_told.max(seen.last_told),
        events,
        level: before.level.min(seen.level),
        release: before.release,
        ..seen
    }
}

/// Writes a day as `12 Nov`, with its year where that is another.
fn day(time: SystemTime, now: SystemTime, utc: bool) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let date = |time| Timestamp::new(time).map(|moment| moment.date_and_time(utc).0);
    let (Some(date), Some(today)) = (date(time), date(now)) else {
        return "long ago".to_owned();
    };
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let month = month.and_then(|month| month.parse::<usize>().ok());
    let month = month.and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (year, month, day) {
        (Some(year), Some(month), Some(day)) => {
            let day = day.trim_start_matches('0');
            match today.starts_with(year) {
                true => format!("{day} {month}"),
                false => format!("{day} {month} {year}"),
            }
        }
        _ => date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_year_where_that_is_another() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let now = at(1_795_910_400); // 2026-11-29
        assert_eq!(day(at(1_794_441_600), now, true), "12 Nov");
        assert_eq!(day(at(1_700_000_000), now, true), "14 Nov 2023");
        assert_eq!(day(at(1_767_225_600), now, true), "1 Jan");
    }

    #[test]
    fn of_two_lanes_the_first_and_the_last_count() {
        let seen = |first, last, told, events| Sighting {
            first_seen: first,
            last_seen: last,
            first_told: told,
            last_told: last,
            events,
            ..Sighting::default()
        };
        let both = merged(seen(10, 50, 11, 4), Some(seen(12, 40, 13, 7)), 1_000);
        assert_eq!((both.first_seen, both.last_seen), (10, 50));
        assert_eq!((both.first_told, both.events), (11, 7));
        let back = merged(seen(900, 950, 900, 4), Some(seen(12, 40, 13, 7)), 1_000);
        assert_eq!(
            (back.first_seen, back.first_told, back.events),
            (12, 900, 4)
        );
        let far = Some(seen(80_000, 90_000, 80_000, 9));
        assert_eq!(merged(seen(10, 50, 11, 4), far, 1_000), seen(10, 50, 11, 4));
    }
}
