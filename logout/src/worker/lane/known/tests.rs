use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tracing::error;
use tracing::level_filters::LevelFilter;

use super::{KnownProblems, ReminderFilter};
use crate::adapter::ProblemState;
use crate::event::Event;
use crate::handle::bench::captured;
use crate::worker::lane::group::{Group, GroupKey, KeptEvent};
use crate::worker::problems::ProblemId;
use crate::worker::reminder_schedule::ReminderSchedule;

const MINUTE: Duration = Duration::from_secs(60);
const QUIET: Duration = Duration::from_secs(15 * 60);
const STEPS: [Duration; 4] = [
    MINUTE,
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
];

impl GroupKey {
    /// Returns a key like no other number's.
    pub(in crate::worker::lane) fn of_tests(number: u64) -> Self {
        Self {
            problem: ProblemId {
                fingerprint: number,
                site: 0,
                collective: None,
            },
            route: 0,
            #[cfg(feature = "spool")]
            restored: 0,
        }
    }
}

/// The known problems of a lane, and the outcome of their events.
struct Bench {
    known: KnownProblems,
    event: Event,
    kept: Rc<Cell<usize>>,
    number: u64,
    now: Instant,
    /// How many events were counted, and how many of them were reported or lost.
    counted: u64,
    finished: u64,
}

impl Bench {
    fn within(bound: usize, tells_quiet: bool) -> Self {
        let schedule = ReminderSchedule::new(&STEPS, QUIET, tells_quiet);
        let kept = Rc::default();
        Self {
            known: KnownProblems::within(bound, schedule, LevelFilter::WARN, Rc::clone(&kept)),
            event: captured(|| error!("payment failed")).remove(0),
            kept,
            number: 0,
            now: Instant::now(),
            counted: 0,
            finished: 0,
        }
    }

    /// Logs an event; a new problem is sent at once.
    fn log(&mut self, key: u64) {
        self.number += 1;
        let (key, view) = (GroupKey::of_tests(key), self.event.view());
        let own = Rc::new(KeptEvent::new(self.event.clone(), &self.kept));
        let whole = || Some(Rc::clone(&own));
        let offered = self
            .known
            .offer(key, self.number, &view, 0, self.now, whole);
        self.known.keep_latest(|_| Some(view));
        if offered {
            self.counted += 1;
        } else {
            let mut group = Group::new(key, self.number, &view, self.now, Rc::clone(&own));
            self.known.join(&mut group, self.now);
            self.finished += group.events - 1;
            self.known.note_told(&group, false, self.now);
        }
    }

    fn tell(&mut self, groups: Vec<Group>) {
        for group in groups {
            self.finished += group.events;
            self.known.note_told(&group, false, self.now);
        }
    }

    fn give_up(&mut self, groups: &[Group]) {
        for group in groups {
            self.finished += group.events;
            self.known.note_lost(group, self.now);
        }
    }

    fn put_back(&mut self, groups: Vec<Group>) {
        for group in groups {
            if let Some(group) = self.known.put_back(group) {
                self.give_up(&[group]);
            }
        }
    }

    /// Sends the reminders that are due, until none is left; returns how many messages that took.
    fn remind(&mut self) -> usize {
        if !self.known.is_due(self.now) {
            return 0;
        }
        let groups = self
            .known
            .take(ReminderFilter::Due, usize::MAX, None, self.now);
        let messages = usize::from(!groups.is_empty());
        self.tell(groups);
        messages
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let untold = self
            .known
            .problems
            .values()
            .map(|known| known.reminders.untold());
        prop_assert_eq!(untold.sum::<u64>(), self.known.counted());
        prop_assert_eq!(self.counted, self.finished + self.known.counted());
        prop_assert!(self.known.problems.entries().len() <= self.known.bound);
        let waiting = self.known.problems.values();
        let waiting = waiting.filter(|known| known.reminders.untold() > 0).count();
        prop_assert_eq!(waiting, self.known.waiting.entries().len());
        Ok(())
    }
}

#[derive(Clone, Debug)]
enum Op {
    Log(u64),
    Wait(u64),
    ReminderFilter(usize, usize),
    Expire(u64),
    ForgetTold,
    GiveUpAll,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        8 => (0_u64..7).prop_map(Op::Log),
        4 => (0_u64..2_000).prop_map(Op::Wait),
        1 => (0_u64..20_000).prop_map(Op::Wait),
        4 => (0_usize..5, 0_usize..3).prop_map(|(which, end)| Op::ReminderFilter(which, end)),
        1 => (0_u64..4_000).prop_map(Op::Expire),
        1 => Just(Op::ForgetTold),
        1 => Just(Op::GiveUpAll),
    ];
    prop::collection::vec(op, 0..80)
}

proptest! {
    #[test]
    fn each_event_that_is_counted_is_told_once_or_given_up_and_none_starves(
        ops in ops(),
        tells_quiet: bool,
        has_incidents: bool,
    ) {
        let mut bench = Bench::within(4, tells_quiet);
        if has_incidents {
            bench.known.resolve_incidents();
        }
        let all = usize::MAX;
        let which = [
            (ReminderFilter::Due, all),
            (ReminderFilter::Due, 1),
            (ReminderFilter::Late, all),
            (ReminderFilter::All, all),
            (ReminderFilter::All, 1),
        ];
        for op in ops {
            match op {
                Op::Log(key) => bench.log(key),
                Op::Wait(seconds) => bench.now += Duration::from_secs(seconds),
                Op::ReminderFilter(index, end) => {
                    let (which, most) = which[index];
                    let groups = bench.known.take(which, most, None, bench.now);
                    match end {
                        0 => bench.tell(groups),
                        1 => bench.put_back(groups),
                        _ => bench.give_up(&groups),
                    }
                }
                Op::Expire(seconds) => {
                    let age = Duration::from_secs(seconds);
                    let groups = bench.known.expire(bench.now, age);
                    bench.give_up(&groups);
                    // An all-quiet notice for a lost reminder is too old, too.
                    prop_assert!(bench.known.expire(bench.now, age).is_empty());
                    let next = bench.known.next_expiry(age);
                    prop_assert!(next.is_none_or(|next| next > bench.now));
                }
                Op::ForgetTold => bench.known.forget_told(bench.now),
                Op::GiveUpAll => {
                    let groups = bench.known.drain(bench.now);
                    bench.give_up(&groups);
                }
            }
            bench.check()?;
        }
        // Whatever happened before, each reminder is sent when it is due.
        bench.now += QUIET + MINUTE;
        bench.remind();
        bench.now += MINUTE;
        bench.remind();
        prop_assert_eq!(bench.known.counted(), 0);
    }
}

#[test]
fn where_each_is_told_alone_no_end_waits_for_another() {
    for (most, messages) in [(1, 3), (usize::MAX, 1)] {
        let mut bench = Bench::within(4, false);
        bench.known.resolve_incidents();
        (0..3).for_each(|key| bench.log(key));
        bench.now += QUIET;
        let mut told = 0;
        while bench.known.is_due(bench.now) {
            let groups = bench.known.take(ReminderFilter::Due, most, None, bench.now);
            assert_eq!(groups.len(), 3 / messages);
            assert!(
                groups
                    .iter()
                    .all(|group| group.state() == ProblemState::Quiet)
            );
            bench.tell(groups);
            told += 1;
        }
        assert_eq!(told, messages);
    }
}

#[test]
fn of_events_that_come_together_the_last_is_told() {
    let events = captured(|| (0..3).for_each(|order| error!("payment {order} failed")));
    // If the later ones are gone, since the worker panicked, it is the first.
    for (is_found, expected) in [(true, "payment 2 failed"), (false, "payment 0 failed")] {
        let mut bench = Bench::within(9, false);
        bench.log(1);
        for (place, event) in events.iter().enumerate() {
            bench.number += 1;
            let (key, view) = (GroupKey::of_tests(1), event.view());
            let known = &mut bench.known;
            let offered = known.offer(key, bench.number, &view, place, bench.now, || None);
            assert!(offered);
        }
        let known = &mut bench.known;
        known.keep_latest(|place| events.get(place).filter(|_| is_found).map(Event::view));
        let told = known.take(ReminderFilter::All, 9, None, bench.now);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].events, 3);
        let message = told[0].first.view().message();
        assert_eq!(message.as_deref(), Some(expected));
    }
}

/// Logs for this long, `each` at one moment and the next `every` so often; returns how many
/// messages are reminders.
fn reminders(
    bench: &mut Bench,
    lasts: Duration,
    every: Duration,
    mut log: impl FnMut(&mut Bench),
) -> usize {
    let (end, mut messages) = (bench.now + lasts, 0);
    while bench.now < end {
        log(bench);
        messages += bench.remind();
        bench.now += every;
    }
    messages
}

#[test]
fn a_thousand_known_problems_take_few_messages_an_hour() {
    let mut bench = Bench::within(1_024, false);
    let (hour, every) = (60 * MINUTE, Duration::from_secs(5));
    let messages = reminders(&mut bench, hour, every, |bench| {
        (0..1_024).for_each(|key| bench.log(key));
    });
    assert!((2..=77).contains(&messages), "{messages}");
}

#[test]
fn twenty_problems_in_turns_are_reminded_of_together() {
    let mut bench = Bench::within(1_024, false);
    let (mut turn, every) = (0, Duration::from_millis(500));
    let messages = reminders(&mut bench, 10 * MINUTE, every, |bench| {
        bench.log(turn % 20);
        turn += 1;
    });
    // With the five that are sent alone at first and the digest of the other fifteen: eight.
    assert!((2..=3).contains(&messages), "{messages}");
}

#[test]
fn the_last_time_is_the_latest_of_what_is_told_by_whatever_clock_it_comes() {
    let mut bench = Bench::within(10, false);
    let hour = Duration::from_secs(3_600);
    let event_time = bench.event.view().time();
    bench.log(1);

    // Another process whose clock is ahead sees it, and this one sees it again.
    let (key, view) = (GroupKey::of_tests(1), bench.event.view());
    let own = Rc::new(KeptEvent::new(bench.event.clone(), &bench.kept));
    let mut elsewhere = Group::new(key, 2, &view, bench.now, own);
    elsewhere.last_time = event_time + hour;
    assert!(bench.known.count(&elsewhere));
    bench.log(1);
    bench.now += MINUTE;
    let told = bench.known.take(ReminderFilter::Due, 10, None, bench.now);
    assert_eq!(told[0].events, 2);
    assert_eq!(told[0].last_time, event_time + hour);
    bench.known.note_told(&told[0], false, bench.now);

    // The next reminder has its own.
    bench.log(1);
    bench.now += 5 * MINUTE;
    let told = bench.known.take(ReminderFilter::Due, 10, None, bench.now);
    assert_eq!(told[0].last_time, event_time);
}

#[test]
fn what_another_process_saw_earlier_is_not_the_last_of_a_group() {
    let bench = Bench::within(10, false);
    let group = || {
        let own = Rc::new(KeptEvent::new(bench.event.clone(), &bench.kept));
        Group::new(
            GroupKey::of_tests(1),
            1,
            &bench.event.view(),
            bench.now,
            own,
        )
    };
    let (mut first, mut later) = (group(), group());
    later.last_time = first.last_time - MINUTE;
    let last_time = first.last_time;
    first.absorb(later);
    assert_eq!((first.events, first.last_time), (2, last_time));
}
