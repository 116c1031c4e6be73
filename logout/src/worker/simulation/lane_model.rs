//! The rules for one lane: its stats, and who is sent what, when.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tracing::Level;

use super::chat::{ChatMessage, ChatState, LANES};
use super::destination::Exchange;
use super::problem_model::ProblemModel;
use super::scenario::{DestinationSetup, EventTemplate};
use crate::worker::stats::{LaneStats, Reason};
use crate::worker::turns::Priority;

/// The time within which the worker has taken what the program logged.
pub(super) const TAKING_TIME: Duration = Duration::from_millis(2);

/// The distance of reminders, unless their first step is shorter than a minute.
pub(super) const REMINDER_GAP: Duration = Duration::from_secs(10);

/// How long a destination must have been free for what is due to be sent in time.
pub(super) const FREE: Duration = Duration::from_secs(180);

/// The state of a lane that the model sees besides its messages.
#[derive(Clone, Debug)]
pub(super) struct LaneView {
    pub(super) stats: LaneStats,
    /// Since when a new problem waits that nothing keeps back.
    pub(super) new_since: Option<Instant>,
    /// The highest severity that waits, except reminders.
    pub(super) priority: Option<Priority>,
    pub(super) is_on: bool,
    pub(super) is_gone: bool,
    pub(super) is_fine: bool,
}

pub(super) type Checked = Result<(), String>;

/// The expected state of one lane.
#[derive(Debug)]
pub(super) struct LaneModel {
    pub(super) name: &'static str,
    pub(super) setup: DestinationSetup,
    pub(super) accepted: u64,
    /// Events of messages that were delivered.
    told: u64,
    told_ids: Vec<String>,
    pub(super) problems: HashMap<String, ProblemModel>,
    /// Whether nothing was lost so far, so that each event is known to be sent or not.
    pub(super) exact: bool,
    /// Whether its reminders follow the default schedule.
    pub(super) by_default: bool,
    /// The distance of its reminders.
    pub(super) gap: Duration,
    /// Whether each message is about one problem.
    tells_each_alone: bool,
    /// Whether some events of a problem may be sent one by one although others are counted.
    pub(super) tells_some_at_once: bool,
    pub(super) mention_every: Duration,
    called: Option<(Instant, u8)>,
    withheld: bool,
    seen: Option<String>,
    reminded: Option<Instant>,
    pub(super) rests_until: Option<Instant>,
    pub(super) free_since: Instant,
    /// Whether it was free at the last check.
    pub(super) is_free: bool,
    /// Since when a request of it is unanswered.
    pub(super) in_flight: Option<Instant>,
    /// Whether a firewall has refused something, which others then precede.
    pub(super) is_suspicious: bool,
    /// Whether a message was refused, whose halves are then sent one after the other.
    pub(super) was_refused: bool,
    pub(super) messages: u64,
    /// When the worker last panicked.
    pub(super) panicked: Option<Instant>,
}

impl LaneModel {
    pub(super) fn new(name: &'static str, setup: DestinationSetup, now: Instant) -> Self {
        Self {
            name,
            setup,
            accepted: 0,
            told: 0,
            told_ids: Vec::new(),
            problems: HashMap::new(),
            exact: true,
            by_default: true,
            gap: REMINDER_GAP,
            tells_each_alone: LANES.last() == Some(&name),
            tells_some_at_once: false,
            mention_every: Duration::from_secs(300),
            called: None,
            withheld: false,
            seen: None,
            reminded: None,
            rests_until: None,
            free_since: now,
            is_free: false,
            in_flight: None,
            is_suspicious: false,
            was_refused: false,
            messages: 0,
            panicked: None,
        }
    }

    /// Notes that the worker has panicked and lost what it held.
    pub(super) fn note_panic(&mut self, now: Instant) {
        self.panicked = Some(now);
        self.exact = false;
        self.rests_until = None;
    }

    /// Notes that the program has logged an event that this lane wants.
    pub(super) fn logged(&mut self, template: &EventTemplate, is_muted: bool, now: Instant) {
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

    pub(super) fn written(
        &mut self,
        exchange: &Exchange,
        view: &LaneView,
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
            let is_apart =
                self.tells_each_alone || is_awaited || self.was_refused || self.tells_some_at_once;
            if !is_apart && reminded.is_some_and(|last| last + self.gap > *written) {
                return Err(format!(
                    "{}: reminders closer than {:?}",
                    self.name, self.gap
                ));
            }
            let waits = view
                .new_since
                .is_some_and(|since| since + TAKING_TIME < *written);
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
                    .is_some_and(|at| *at + TAKING_TIME < *written)
        };
        if self.exact && !message.is_panic && !self.is_suspicious {
            let mut problems = self.problems.values();
            if problems.any(|problem| is_kept_back(&problem)) {
                return Err(format!("{}: something goes before a panic", self.name));
            }
        }
        self.check_mention(message, now)
    }

    fn check_mention(&mut self, message: &ChatMessage, now: Instant) -> Checked {
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

    pub(super) fn delivered(&mut self, message: &ChatMessage, now: Instant) -> Checked {
        let is_told = self.told_ids.contains(&message.id);
        let told = message.told.or_else(|| self.quiet_events(message));
        let Some(told) = told else {
            self.exact = false;
            return Ok(());
        };
        if is_told {
            return Ok(());
        }
        self.told_ids.push(message.id.clone());
        self.messages += 1;
        self.told += told;
        // If the worker panicked during an answer, it may not know of it.
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

    /// Returns how many events a message reports that says that a problem is over.
    fn quiet_events(&self, message: &ChatMessage) -> Option<u64> {
        let [only] = message.problems.as_slice() else {
            return None;
        };
        if !self.exact || only.state != ChatState::Quiet {
            return None;
        }
        let problem = self.problems.get(only.fingerprint.get(..6)?)?;
        (problem.base + only.count).checked_sub(problem.told as u64)
    }

    pub(super) fn check(&mut self, view: &LaneView, now: Instant) -> Checked {
        let stats = &view.stats;
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
        if was_exact && self.told != stats.delivered && self.exact {
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

    /// Returns how late something may be sent to a destination that is free.
    fn slack(&self) -> Duration {
        let each = self.setup.per.max(REMINDER_GAP) + Duration::from_secs(1);
        Duration::from_secs(90) + each * u32::try_from(self.problems.len()).unwrap_or(u32::MAX)
    }

    /// Checks what must hold after hours without events.
    pub(super) fn check_settled(&self, view: &LaneView) -> Checked {
        if view.is_on && view.stats.pending > 0 {
            return Err(format!("{}: never told: {:?}", self.name, view.stats));
        }
        Ok(())
    }
}
