//! Keeps on disk what the lanes hold, and takes up what the process before this one left.
//!
//! What is on disk is compared with what the lanes hold, and the difference is written: some time after
//! the first change, so that what is told at once never gets there, and at once where somebody waits
//! or what is there has been told.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};

use self::age::ages;
use super::lane::restored::Unit;
use super::lane::{Group, Kept, LaneState};
use super::{Clock, Worker};
use crate::event::carried;
use crate::message::Composer;
use crate::spool::record::{Record, StoredChange, StoredGroup, StoredOrigin, to_wall};
use crate::spool::{Health, Image, Sync, Writer};

mod age;

/// How long changes gather before they are written.
const GATHER: Duration = Duration::from_millis(200);

/// How long a request waits for the note that it is under way.
const NOTE: Duration = Duration::from_millis(20);

/// How long the first events wait for what is on disk.
const OPEN: Duration = Duration::from_millis(250);

/// How long the end waits for a disk, beyond the time that it has.
const LAST_WRITE: Duration = Duration::from_millis(250);

/// What the worker knows of the disk.
pub(super) struct Storing<C: Clock> {
    writer: Writer,
    /// No group on disk has this number, nor one above it.
    next_id: Cell<u64>,
    /// Numbers of groups on disk that are settled and are still to be taken off it.
    gone: RefCell<Vec<u64>>,
    round: Cell<u64>,
    /// When changes are to be written.
    at: Cell<Option<Instant>>,
    /// Whether they are to be written now, and how safely.
    now: Cell<Option<Sync>>,
    failures: Cell<u64>,
    /// What was last said of the disk.
    said: RefCell<Option<String>>,
    timer: RefCell<(Option<Instant>, C::Timer)>,
    is_kept: Cell<bool>,
}

impl<C: Clock> fmt::Debug for Storing<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storing")
            .field("writer", &self.writer)
            .finish_non_exhaustive()
    }
}

impl<C: Clock> Storing<C> {
    pub(super) fn new(writer: Writer, clock: &C) -> Self {
        Self {
            writer,
            next_id: Cell::new(1),
            gone: RefCell::default(),
            round: Cell::new(0),
            at: Cell::new(None),
            now: Cell::new(None),
            failures: Cell::new(0),
            said: RefCell::default(),
            timer: RefCell::new((None, clock.timer(None))),
            is_kept: Cell::new(false),
        }
    }

    /// Has what changed by now written, after a while.
    fn gather(&self, now: Instant) {
        let at = self.at.get().unwrap_or(now + GATHER);
        self.at.set(Some(at));
    }

    fn hurry(&self, sync: Sync) {
        self.now.set(Some(self.now.get().unwrap_or_default().max(sync)));
    }
}

impl<T> Worker<T> {
    /// Keeps on disk what waits, where the block is told to.
    pub(super) fn storing(mut self) -> Self {
        let directory = self.shared.spool.clone();
        let writer = directory.map(Writer::start);
        self.storing = writer.map(|writer| Storing::new(writer, &self.clock));
        self
    }
}

impl<T, C: Clock> Worker<T, C> {
    /// Notes that events came in.
    pub(super) fn note_events(&self, are_urgent: bool, now: Instant) {
        if let Some(storing) = &self.storing {
            storing.gather(now);
            if are_urgent {
                storing.hurry(Sync::Now);
            }
        }
    }

    /// Has what the lanes hold written at once, since somebody waits.
    pub(super) fn store_now(&self) {
        if let Some(storing) = &self.storing {
            storing.hurry(Sync::Now);
        }
    }

    /// Notes what a lane sends now.
    pub(super) fn note_sending(&self, state: &mut LaneState, groups: Option<&[Group]>) {
        let Some(storing) = &self.storing else {
            return;
        };
        state.stored.under_way.clear();
        state
            .stored
            .under_way
            .extend_from_slice(groups.unwrap_or_default());
        if state.stored.units.is_empty() {
            storing.gather(self.now());
        } else {
            storing.hurry(Sync::Never);
        }
    }

    /// Before the first event, takes up what is on disk.
    pub(super) fn open_store(&self) {
        if let Some(storing) = &self.storing {
            storing.writer.wait_until_open(Instant::now() + OPEN);
            self.look_at_disk(storing);
        }
    }

    /// Writes what is to be written by now, and says what there is to say of the disk.
    pub(super) fn store(&self, cx: &mut Context<'_>) {
        let Some(storing) = &self.storing else {
            return;
        };
        storing.writer.wake(cx);
        self.look_at_disk(storing);
        let now = self.now();
        for lane in &self.lanes {
            if std::mem::take(&mut lane.state.borrow_mut().stored.has_lost) {
                storing.gather(now);
            }
        }
        let is_due = storing.at.get().is_some_and(|at| at <= now);
        if storing.now.get().is_some() || is_due {
            self.write_changes(storing, storing.now.take().unwrap_or(Sync::Soon), now);
        }
        let mut timer = storing.timer.borrow_mut();
        if timer.0 != storing.at.get() {
            *timer = (storing.at.get(), self.clock.timer(storing.at.get()));
        }
        if timer.0.is_some() && pin!(&mut timer.1).poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }

    /// Takes up what was found, and says what has changed.
    fn look_at_disk(&self, storing: &Storing<C>) {
        for note in storing.writer.take_notes() {
            self.say(&format!("spool: {note}"));
        }
        if let Some(image) = storing.writer.take_image() {
            storing.next_id.set(image.next_id);
            self.restore(&image);
        }
        let health = storing.writer.health();
        if let Health::Failed(why) = &health
            && storing.said.borrow().as_ref() != Some(why)
        {
            self.say(&format!(
                "spool: what waits is not kept on disk: {why}; it is tried again every 30 s"
            ));
            storing.said.replace(Some(why.clone()));
        }
        let failures = storing.writer.failures();
        if storing.failures.replace(failures) != failures {
            // What was handed over meanwhile is lost, and what was on disk may be.
            for lane in &self.lanes {
                let mut state = lane.state.borrow_mut();
                state.stored.units.values_mut().for_each(|unit| unit.batch = None);
            }
            storing.gather(self.now());
        }
        if health == Health::Ready && storing.said.borrow().is_some() && storing.writer.written() > 0
        {
            storing.said.replace(None);
            self.say("spool: what waits is kept on disk again");
        }
    }

    /// Writes how what the lanes hold differs from what is on disk; tells the number of the batch.
    fn write_changes(&self, storing: &Storing<C>, sync: Sync, now: Instant) -> Option<u64> {
        storing.at.set(None);
        let settings = self.settings();
        let round = storing.round.get() + 1;
        storing.round.set(round);
        let mut records = Vec::new();
        let mut changed = Vec::new();
        for (index, lane) in self.lanes.iter().enumerate() {
            let Some(composer) = settings.composer(index) else {
                continue;
            };
            let mut state = lane.state.borrow_mut();
            let LaneState {
                groups,
                stored,
                stats,
                ..
            } = &mut *state;
            let under_way = stored.under_way.iter().map(|group| (group, true));
            for (group, is_under_way) in groups.all().map(|group| (group, false)).chain(under_way) {
                let unit = stored.units.entry(group.number).or_insert_with(|| {
                    let id = storing.next_id.get();
                    storing.next_id.set(id + 1);
                    Unit {
                        id,
                        events: 0,
                        under_way: false,
                        batch: None,
                        round,
                    }
                });
                unit.round = round;
                let state = (group.events, is_under_way);
                let is_whole = unit.batch.is_none();
                if !is_whole && state == (unit.events, unit.under_way) {
                    continue;
                }
                (unit.events, unit.under_way) = state;
                let mut whole = group.to_stored(now);
                whole.id = unit.id;
                whole.lane = stats.name.to_owned();
                whole.under_way = is_under_way || group.may_have_been_told();
                write(whole, is_whole.then_some(group), &composer, &mut records);
                changed.push((index, group.number));
            }
            let mut gone = storing.gone.borrow_mut();
            stored.units.retain(|_, unit| {
                let lives = unit.round == round;
                if !lives {
                    gone.push(unit.id);
                }
                lives
            });
        }
        let mut gone = storing.gone.borrow_mut();
        gone.iter().for_each(|id| Record::Gone(*id).write(&mut records));
        let batch = storing.writer.put(&records, sync)?;
        gone.clear();
        for (index, number) in changed {
            if let Some(lane) = self.lanes.get(index)
                && let Some(unit) = lane.state.borrow_mut().stored.units.get_mut(&number)
            {
                unit.batch = Some(batch);
            }
        }
        Some(batch)
    }

    /// Before a request with groups that are on disk, notes there that they are under way; a disk that
    /// hangs holds nothing up.
    pub(super) async fn store_before_request(&self, lane: usize) {
        let Some(storing) = &self.storing else {
            return;
        };
        let Some(lane) = self.lanes.get(lane) else {
            return;
        };
        let is_to_be_noted = |state: &LaneState| {
            let mut groups = state.stored.under_way.iter();
            groups.any(|group| {
                let unit = state.stored.units.get(&group.number);
                unit.is_some_and(|unit| unit.batch.is_some() && !unit.under_way)
            })
        };
        if !is_to_be_noted(&lane.state.borrow()) {
            return;
        }
        let Some(batch) = self.write_changes(storing, Sync::Never, self.now()) else {
            return;
        };
        let mut late = self.clock.timer(Some(self.now() + NOTE));
        poll_fn(|cx| {
            storing.writer.wake(cx);
            let is_over =
                storing.writer.written() >= batch || storing.writer.health() != Health::Ready;
            match is_over {
                true => Poll::Ready(()),
                false => pin!(&mut late).poll(cx).map(drop),
            }
        })
        .await;
    }

    /// At the end, writes what waits, and notes what of it the next start tells.
    pub(super) fn keep_what_is_stored(&self) {
        let Some(storing) = self.storing.as_ref() else {
            return;
        };
        if storing.is_kept.replace(true) {
            return;
        }
        self.look_at_disk(storing);
        self.write_changes(storing, Sync::Now, self.now());
        let deadline = Instant::now() + LAST_WRITE;
        if !storing.writer.wait(true, deadline) {
            return;
        }
        for lane in &self.lanes {
            let mut state = lane.state.borrow_mut();
            let units = state.stored.units.iter();
            let kept = units.filter(|(_, unit)| unit.batch.is_some());
            let kept = kept.map(|(number, unit)| (*number, unit.events)).collect();
            state.stored.kept = kept;
        }
    }

    /// Ends the writing.
    pub(super) fn close_store(&self) {
        if let Some(storing) = &self.storing {
            storing.writer.end(Instant::now() + LAST_WRITE);
        }
    }

    /// Hands what another process left to the lanes.
    fn restore(&self, image: &Image) {
        let (now, wall) = (self.now(), SystemTime::now());
        for stored in image.groups.values() {
            let Some(first) = carried::read(&stored.first) else {
                continue;
            };
            let first = Rc::new(Kept::new(first, &self.kept));
            let named = |lane: &super::SharedLane| lane.state.borrow().stats.name == stored.lane;
            let own = self.lanes.iter().position(named);
            let level = carried::level(stored.level);
            let other = || {
                let wanting = self.shared.levels.wanting_now(level);
                (wanting != 0).then(|| wanting.trailing_zeros() as usize)
            };
            let Some(index) = own.or_else(other) else {
                continue;
            };
            let Some(lane) = self.lanes.get(index) else {
                continue;
            };
            let mut state = lane.state.borrow_mut();
            let number = state.number_restored();
            let mut group = Group::restored(stored, first, number, ages(stored, wall), now);
            if own.is_none() {
                group.note_lane(&stored.lane);
            }
            let unit = Unit {
                id: stored.id,
                events: group.events,
                under_way: false,
                batch: Some(0),
                round: 0,
            };
            state.stored.units.insert(number, unit);
            state.restore(group, now);
            lane.notify();
        }
        self.notified.set(true);
    }
}

/// Writes a group whole, or of one that is on disk what has changed.
fn write(
    mut stored: StoredGroup,
    whole: Option<&Group>,
    composer: &Composer<'_>,
    records: &mut Vec<u8>,
) {
    stored.last = composer.text(&stored.last);
    stored.written = to_wall(SystemTime::now());
    let Some(group) = whole else {
        let change = StoredChange {
            id: stored.id,
            events: stored.events,
            level: stored.level,
            last: stored.last,
            last_time: stored.last_time,
            written: stored.written,
            oldest_age: stored.oldest_age,
            newest_age: stored.newest_age,
            under_way: stored.under_way,
        };
        return Record::Change(change).write(records);
    };
    carried::write(&group.first.view(), composer, &mut stored.first);
    if stored.origin == StoredOrigin::default() {
        let origin = composer.origin;
        stored.origin = StoredOrigin {
            project: composer.text(&origin.project),
            environment: composer.text(&origin.environment),
            host: composer.text(&origin.host),
            release: composer.text(&origin.release),
        };
    }
    for site in &mut stored.sites {
        site.target = composer.text(&site.target);
        site.file = composer.text(&site.file);
    }
    Record::Group(stored).write(records);
}
