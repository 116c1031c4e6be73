//! What must hold of a life: the account, and the rules of who is told what, when.
//!
//! It is written from the rules and knows nothing of how the lanes keep them.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use tracing::Level;

use super::chat::{LANES, Message, State};
use super::destination::{Answer, Exchange};
use super::problem::ProblemModel;
use super::program::{Setup, Template};
use crate::worker::stats::{LaneStats, Reason};
use crate::worker::turns::Gravity;

/// Within this the worker has taken what the program logged.
pub(super) const MOMENT: Duration = Duration::from_millis(2);

/// How far reminders are apart, unless the first of their steps is shorter than a minute.
pub(super) const GAP: Duration = Duration::from_secs(10);

/// No wait after a failure is shorter.
const SHORTEST_REST: Duration = Duration::from_millis(500);

/// How far messages are apart that a person reads one by one.
const READING: Duration = Duration::from_secs(2);

/// How long a destination has been free for what is due to be told in time.
const FREE: Duration = Duration::from_secs(180);

/// The pause of a 429 that says none.
const BUSY: Duration = Duration::from_secs(30);

/// What the model sees of a lane that is no message.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    pub(super) stats: LaneStats,
    /// Since when what is new waits that nothing keeps back.
    pub(super) new_since: Option<Instant>,
    /// How grave the most severe is that waits and is no reminder.
    pub(super) gravity: Option<Gravity>,
    pub(super) is_on: bool,
    pub(super) is_gone: bool,
    pub(super) is_fine: bool,
}

/// One lane as it should be.
#[derive(Debug)]
pub(super) struct LaneModel {
    pub(super) name: &'static str,
    pub(super) setup: Setup,
    pub(super) accepted: u64,
    /// Events of messages that people have.
    told: u64,
    /// Those of messages whose rest is not through.
    partly: u64,
    told_ids: Vec<String>,
    pub(super) problems: HashMap<String, ProblemModel>,
    /// Whether nothing was lost so far, so that it is known of each event whether it was told.
    exact: bool,
    /// Whether it tells what it knows by the moments that hold by default.
    pub(super) by_default: bool,
    /// How far its reminders are apart.
    pub(super) gap: Duration,
    /// Whether some of a problem may be told one by one although the rest of it is counted.
    pub(super) tells_some_at_once: bool,
    pub(super) mention_every: Duration,
    called: Option<(Instant, u8)>,
    withheld: bool,
    seen: Option<String>,
    reminded: Option<Instant>,
    rests_until: Option<Instant>,
    pub(super) free_since: Instant,
    /// Whether it was free when it was last looked at.
    is_free: bool,
    /// Whether a firewall has refused something, which others then go before.
    pub(super) is_suspicious: bool,
    /// Whether a message was refused, whose halves follow each other.
    was_refused: bool,
    messages: u64,
    /// When the worker panicked last.
    panicked: Option<Instant>,
}

/// Two lanes of one place in which something as grave waits all the time.
#[derive(Debug)]
struct Contest {
    gravity: Gravity,
    /// How many requests of each were written meanwhile.
    written: [u64; 2],
}

/// All lanes, and what they share.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) lanes: Vec<LaneModel>,
    contests: Vec<((usize, usize), Contest)>,
    /// When requests were written to each place.
    written: HashMap<usize, VecDeque<Instant>>,
    /// Places that ask to be left alone, after which moment and until when.
    paused: HashMap<usize, (Instant, Instant)>,
    /// When all destinations became others.
    reloaded: Option<Instant>,
    pub(super) awaited_until: Option<Instant>,
    /// When somebody last waited.
    pub(super) awaited: Option<Instant>,
}

pub(super) type Checked = Result<(), String>;

impl Model {
    pub(super) fn new(setups: &[Setup], now: Instant) -> Self {
        let lanes = setups.iter().zip(LANES);
        Self {
            lanes: lanes
                .map(|(setup, name)| LaneModel::new(name, *setup, now))
                .collect(),
            contests: Vec::new(),
            written: HashMap::new(),
            paused: HashMap::new(),
            reloaded: None,
            awaited_until: None,
            awaited: None,
        }
    }

    /// Takes in a request that was written.
    pub(super) fn written(&mut self, exchange: &Exchange, sight: &Sight, now: Instant) -> Checked {
        let at = exchange.written;
        let lane = exchange.message.lane;
        let place = self.lanes[lane].setup.place;
        if exchange.was_written {
            self.check_windows(lane, place, at)?;
            if exchange.message.part > 0 || exchange.message.followed {
                // The parts of a message have turns by rules of their own.
                self.contests
                    .retain(|((one, other), _)| *one != lane && *other != lane);
            }
            self.check_contests(lane)?;
        }
        if let Some((from, until)) = self.paused.get(&place)
            && *from < at
            && at < *until
        {
            return Err(format!("{} was to be left alone", LANES[lane]));
        }
        let is_awaited = self.awaited_until.is_some_and(|until| until >= at)
            || self.awaited.is_some_and(|last| last + FREE > at);
        self.lanes[lane].written(exchange, sight, is_awaited, now)
    }

    fn check_windows(&mut self, lane: usize, place: usize, at: Instant) -> Checked {
        let setup = self.lanes[lane].setup;
        let written = self.written.entry(place).or_default();
        while written
            .front()
            .is_some_and(|first| *first + setup.per <= at)
        {
            written.pop_front();
        }
        written.push_back(at);
        if written.len() > setup.requests {
            return Err(format!(
                "{} requests within {:?} to place {place}",
                written.len(),
                setup.per
            ));
        }
        Ok(())
    }

    /// Lanes of one window that always have something as grave send as many messages of one request, within one.
    fn check_contests(&mut self, lane: usize) -> Checked {
        for ((one, other), contest) in &mut self.contests {
            let [first, second] = &mut contest.written;
            *first += u64::from(*one == lane);
            *second += u64::from(*other == lane);
            if first.abs_diff(*second) > 1 {
                return Err(format!(
                    "{} and {} wait for the same, and get {first} and {second} messages",
                    LANES[*one], LANES[*other]
                ));
            }
        }
        Ok(())
    }

    /// Notes which lanes of one place wait for the same, and which no more.
    fn note_contests(&mut self, sights: &[Sight], is_awaited: bool, now: Instant) {
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let known = self
                .contests
                .iter()
                .position(|(pair, _)| *pair == (one, other));
            let waits = |lane: usize| self.waits(lane, &sights[lane], now);
            let gravity = waits(one).filter(|gravity| waits(other) == Some(*gravity));
            let is_one_place = self.lanes[one].setup.place == self.lanes[other].setup.place;
            let gravity = gravity.filter(|_| is_one_place && !is_awaited);
            match (known, gravity) {
                (Some(index), Some(gravity)) if self.contests[index].1.gravity == gravity => {}
                (index, gravity) => {
                    index.map(|index| self.contests.swap_remove(index));
                    let written = [0, 0];
                    let contest = gravity.map(|gravity| Contest { gravity, written });
                    self.contests
                        .extend(contest.map(|contest| ((one, other), contest)));
                }
            }
        }
    }

    /// How grave is what waits in a lane for nothing but its turn, where that comes so seldom that no
    /// person has too much to read.
    fn waits(&self, lane: usize, sight: &Sight, now: Instant) -> Option<Gravity> {
        let model = &self.lanes[lane];
        let is_slow = model.setup.requests == 1 && model.setup.per > READING;
        let is_paused = self.paused.get(&model.setup.place);
        let is_free = sight.is_fine
            && sight.is_on
            && is_paused.is_none_or(|(_, until)| *until <= now)
            && model.rests_until.is_none()
            && !model.is_suspicious
            && !model.was_refused
            && model.panicked.is_none();
        sight.gravity.filter(|_| is_slow && is_free)
    }

    /// Takes in what a request was answered.
    pub(super) fn answered(&mut self, exchange: &Exchange, now: Instant) -> Checked {
        let lane = &mut self.lanes[exchange.message.lane];
        let place = lane.setup.place;
        if Some(exchange.written) <= self.reloaded {
            // Only now the lane takes over what was read again, and forgets the pauses of its place.
            self.paused.remove(&place);
        }
        match exchange.answer {
            // Else it was another destination that asked.
            Some(Answer::Limits(seconds)) if Some(exchange.written) >= self.reloaded => {
                let pause = seconds.map_or(BUSY, |seconds| Duration::from_secs(seconds.into()));
                let until = (now, now + pause);
                if Some(exchange.written) == self.reloaded {
                    // Which of the two it was cannot be told, nor whether it is left alone.
                    lane.failed(&exchange.message);
                    for lane in self
                        .lanes
                        .iter_mut()
                        .filter(|lane| lane.setup.place == place)
                    {
                        lane.free_since = lane.free_since.max(until.1);
                    }
                    return Ok(());
                }
                let known = self.paused.entry(place).or_insert(until);
                if known.1 < until.1 {
                    *known = until;
                }
            }
            Some(
                Answer::Status(500 | 503)
                | Answer::NotSent
                | Answer::Lost { .. }
                | Answer::Hangs { .. },
            ) => {
                lane.rests_until = Some(now + SHORTEST_REST);
            }
            _ => {}
        }
        let is_ready = matches!(exchange.answer, Some(Answer::Takes));
        if is_ready {
            return lane.delivered(&exchange.message, now);
        }
        lane.is_suspicious |= matches!(exchange.answer, Some(Answer::Page(_)));
        let is_refused = matches!(
            exchange.answer,
            Some(Answer::Status(400) | Answer::Rejected)
        );
        lane.was_refused |= is_refused;
        // It is given up at once, and what is next may be written before the account is looked at.
        lane.exact &= !(is_refused && exchange.message.plain);
        lane.failed(&exchange.message);
        Ok(())
    }

    /// Forgets pauses of a place, whose configuration was changed.
    pub(super) fn resume(&mut self, lane: usize, now: Instant) {
        self.reloaded = Some(now);
        let lane = &mut self.lanes[lane];
        self.paused.remove(&lane.setup.place);
        lane.rests_until = None;
        let problems = lane.problems.values_mut();
        problems.for_each(|problem| problem.forget(now));
    }

    /// Checks what must hold at every moment.
    pub(super) fn check(&mut self, sights: &[Sight], now: Instant) -> Checked {
        let is_awaited = self.awaited_until.is_some_and(|until| until >= now);
        let was_awaited = self.awaited.is_some_and(|last| last + FREE > now);
        self.note_contests(sights, is_awaited || was_awaited, now);
        for (lane, sight) in self.lanes.iter_mut().zip(sights) {
            let paused = self.paused.get(&lane.setup.place);
            let is_free = sight.is_fine
                && sight.is_on
                && !is_awaited
                && paused.is_none_or(|(_, until)| *until <= now);
            // Of the time since it was looked at last nobody knows better.
            let was_free = std::mem::replace(&mut lane.is_free, is_free);
            if !is_free || !was_free {
                lane.free_since = lane.free_since.max(now);
            } else if let Some((_, until)) = paused {
                lane.free_since = lane.free_since.max(*until);
            }
            lane.check(sight, now)
                .map_err(|why| format!("{}: {why}", lane.name))?;
        }
        Ok(())
    }
}

impl LaneModel {
    fn new(name: &'static str, setup: Setup, now: Instant) -> Self {
        Self {
            name,
            setup,
            accepted: 0,
            told: 0,
            partly: 0,
            told_ids: Vec::new(),
            problems: HashMap::new(),
            exact: true,
            by_default: true,
            gap: GAP,
            tells_some_at_once: false,
            mention_every: Duration::from_secs(300),
            called: None,
            withheld: false,
            seen: None,
            reminded: None,
            rests_until: None,
            free_since: now,
            is_free: false,
            is_suspicious: false,
            was_refused: false,
            messages: 0,
            panicked: None,
        }
    }

    /// Notes that the worker has panicked, with all that it held.
    pub(super) fn note_panic(&mut self, now: Instant) {
        self.panicked = Some(now);
        self.exact = false;
        self.rests_until = None;
    }

    /// Notes that the program has logged one event that this lane wants.
    pub(super) fn logged(&mut self, template: &Template, is_muted: bool, now: Instant) {
        self.accepted += 1;
        if let Some(fingerprint) = &template.fingerprint
            && !is_muted
        {
            let problem = self.problems.entry(fingerprint.clone());
            let problem = problem.or_default();
            problem.events.push(now);
            problem.is_panic = template.is_panic;
            problem.is_counted = template.level <= Level::WARN;
        }
    }

    fn written(
        &mut self,
        exchange: &Exchange,
        sight: &Sight,
        is_awaited: bool,
        now: Instant,
    ) -> Checked {
        let Exchange {
            message, written, ..
        } = exchange;
        if !is_awaited && self.rests_until.is_some_and(|until| *written < until) {
            return Err(format!("{} does not rest after a failure", self.name));
        }
        self.rests_until = None;
        if self.seen.as_ref() == Some(&message.id) || self.told_ids.contains(&message.id) {
            return Ok(());
        }
        self.seen = Some(message.id.clone());
        if message.state.is_none() {
            return Ok(());
        }
        if message.is_reminder() {
            let reminded = self.reminded.replace(*written);
            let is_apart = is_awaited || self.was_refused || self.tells_some_at_once;
            if !is_apart && reminded.is_some_and(|last| last + self.gap > *written) {
                return Err(format!(
                    "{}: reminders closer than {:?}",
                    self.name, self.gap
                ));
            }
            let waits = sight
                .new_since
                .is_some_and(|since| since + MOMENT < *written);
            if waits && !self.is_suspicious {
                return Err(format!("{}: a reminder goes before what is new", self.name));
            }
        }
        let is_kept_back = |problem: &&ProblemModel| {
            problem.is_panic
                && problem.told == 0
                && problem
                    .events
                    .first()
                    .is_some_and(|at| *at + MOMENT < *written)
        };
        if self.exact && !message.is_panic && !self.is_suspicious && self.partly == 0 {
            let mut problems = self.problems.values();
            if problems.any(|problem| is_kept_back(&problem)) {
                return Err(format!("{}: something goes before a panic", self.name));
            }
        }
        self.check_mention(message, now)
    }

    fn check_mention(&mut self, message: &Message, now: Instant) -> Checked {
        self.withheld |= message.withheld;
        if !message.mentions {
            return Ok(());
        }
        if message.is_reminder() && !self.withheld {
            return Err(format!("{}: a reminder mentions people", self.name));
        }
        let is_new_panic = message.is_panic && !message.is_reminder();
        let Some((at, severity)) = self.called else {
            return Ok(());
        };
        let is_early = now.saturating_duration_since(at) < self.mention_every;
        if is_early && message.severity <= severity && !is_new_panic {
            return Err(format!(
                "{}: people are mentioned {:?} after they were",
                self.name,
                now - at
            ));
        }
        Ok(())
    }

    fn delivered(&mut self, message: &Message, now: Instant) -> Checked {
        let is_told = self.told_ids.contains(&message.id);
        let told = message.told.or_else(|| self.quiet_events(message));
        let Some(told) = told else {
            self.exact = false;
            return Ok(());
        };
        if is_told {
            if !message.followed {
                self.partly = self.partly.saturating_sub(told);
            }
            return Ok(());
        }
        self.told_ids.push(message.id.clone());
        self.messages += 1;
        self.told += told;
        if message.followed {
            self.partly += told;
        }
        // Of an answer amid which it panicked the worker may know nothing.
        if message.mentions && self.panicked != Some(now) {
            self.called = Some((now, message.severity));
        }
        if !self.exact {
            return Ok(());
        }
        for told in &message.problems {
            let key = told.fingerprint.get(..6).unwrap_or_default();
            if let Some(problem) = self.problems.get_mut(key) {
                let told = problem.note_told(told, now);
                told.map_err(|why| format!("{}: {why}: {}", self.name, message.text))?;
            }
        }
        Ok(())
    }

    /// Returns how many events a message counts that says that a problem is over.
    fn quiet_events(&self, message: &Message) -> Option<u64> {
        let [only] = message.problems.as_slice() else {
            return None;
        };
        if !self.exact || only.state != State::Quiet {
            return None;
        }
        let problem = self.problems.get(only.fingerprint.get(..6)?)?;
        (problem.base + only.count).checked_sub(problem.told as u64)
    }

    fn failed(&mut self, message: &Message) {
        if self.told_ids.contains(&message.id) {
            // What supplements a message is sent twice at the most.
            self.partly = self.partly.max(message.told.unwrap_or_default());
        }
    }

    fn check(&mut self, sight: &Sight, now: Instant) -> Checked {
        let stats = &sight.stats;
        let sum = stats.delivered + stats.pending + stats.discarded.total();
        if stats.accepted != sum || stats.counted > stats.pending {
            return Err(format!("the account does not hold: {stats:?}"));
        }
        if stats.accepted > self.accepted {
            return Err(format!("{} logged, but {stats:?}", self.accepted));
        }
        if stats.discarded.get(Reason::WorkerDied) > 0 && self.panicked.is_none() {
            return Err("the worker panicked".to_owned());
        }
        let chosen = [Reason::Filtered, Reason::Muted].map(|reason| stats.discarded.get(reason));
        let lost = stats.discarded.total() - chosen.iter().sum::<u64>();
        let was_exact = self.exact;
        self.exact &= lost == 0;
        if was_exact && self.partly == 0 && self.told != stats.delivered && self.exact {
            return Err(format!("messages tell {} events, but {stats:?}", self.told));
        }
        let is_known = self.exact && self.by_default && !self.is_suspicious;
        if !is_known || now.saturating_duration_since(self.free_since) < FREE {
            return Ok(());
        }
        let slack = self.slack();
        for (name, problem) in &self.problems {
            if let Some((due, why)) = problem.due()
                && due.max(self.free_since + FREE / 2) + slack < now
            {
                return Err(format!(
                    "{why} of #{name} is not told: due {:?} ago, {} of {} told",
                    now - due,
                    problem.told,
                    problem.events.len()
                ));
            }
        }
        Ok(())
    }

    /// How much later than its moment something may be told of a destination that is free.
    fn slack(&self) -> Duration {
        let each = self.setup.per.max(GAP) + Duration::from_secs(1);
        Duration::from_secs(90) + each * u32::try_from(self.problems.len()).unwrap_or(u32::MAX)
    }

    /// Checks what must hold when nothing was logged for hours.
    pub(super) fn check_settled(&self, sight: &Sight) -> Checked {
        if sight.is_on && sight.stats.pending > 0 {
            return Err(format!("{}: never told: {:?}", self.name, sight.stats));
        }
        Ok(())
    }
}
