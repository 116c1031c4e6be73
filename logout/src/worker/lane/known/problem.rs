//! The state of a known problem.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use tracing::Level;

use crate::adapter::{Memory, ProblemState};
use crate::event::{EventView, Excerpt};
use crate::message::{CollectiveText, NAMED, SentState, is_route};
use crate::worker::compact_time::WallTime;
use crate::worker::lane::group::KeptEvent;
use crate::worker::reminder_schedule::ReminderState;

/// The state of a group's problem, as of when the group was taken for a message.
#[derive(Clone, Debug)]
pub(crate) struct ProblemSnapshot {
    pub(crate) state: ProblemState,
    /// Events since its first message, including those of this one.
    pub(crate) count: u64,
    pub(crate) first_seen: SystemTime,
    /// How long ago the last message reported it.
    pub(crate) told: Duration,
    /// How long nothing more of it has come.
    pub(in crate::worker::lane) silent: Duration,
    /// Whether one of its messages was to mention people and was not allowed to.
    pub(crate) owes_mention: bool,
    /// How many events of the group were counted before.
    pub(super) counted: u64,
    /// The lane's number of the first of these.
    pub(in crate::worker::lane) number: u64,
    /// Whether a message with it was in flight when its process ended.
    #[cfg(feature = "spool")]
    pub(in crate::worker::lane) possible_repeat: bool,
}

impl ProblemSnapshot {
    /// Returns what a message says of it.
    pub(in crate::worker::lane) fn told(&self) -> SentState {
        SentState {
            state: self.state,
            count: self.count,
            first_seen: self.first_seen,
            ago: self.told,
        }
    }
}

/// The state of a known problem.
#[derive(Debug)]
pub(super) struct KnownProblem {
    pub(super) reminders: ReminderState,
    pub(super) first_seen: WallTime,
    pub(super) last_time: WallTime,
    /// The highest level that was reported.
    pub(super) level: Level,
    /// The last event that is counted.
    pub(super) last: LastEvent,
    /// The lane's number of the first counted event.
    pub(super) number: u64,
    pub(super) extra: Option<Box<ExtraState>>,
}

/// The parts of a known problem's state that few have, so that the others need no room for them.
#[derive(Debug, Default)]
pub(super) struct ExtraState {
    /// Some of the counted texts, if too many different ones come from its call site.
    pub(super) texts: Vec<CollectiveText>,
    /// Whether its last message was to mention people and was not allowed to.
    owes_mention: bool,
    /// What the adapter remembers of it.
    pub(super) memory: Option<Memory>,
    /// Whether a message with the counted events was in flight when its process ended.
    #[cfg(feature = "spool")]
    possible_repeat: bool,
    /// The origins of the counted events, if they came over the stream of a fleet.
    #[cfg(feature = "fleet")]
    pub(super) origins: Option<Box<crate::worker::lane::FleetOrigins>>,
}

/// The last counted event of a problem.
#[derive(Clone, Debug)]
pub(super) enum LastEvent {
    None,
    /// One that is sent at once, or was to be sent.
    Whole(Rc<KeptEvent>),
    Excerpt(KeptExcerpt),
}

/// An excerpt of an event for a reminder, which counts in the total of all lanes.
#[derive(Debug)]
pub(super) struct KeptExcerpt {
    excerpt: Excerpt,
    total: Rc<Cell<usize>>,
}

impl KeptExcerpt {
    fn new(excerpt: Excerpt, total: &Rc<Cell<usize>>) -> Self {
        total.set(total.get() + excerpt.size());
        let total = Rc::clone(total);
        Self { excerpt, total }
    }
}

impl Clone for KeptExcerpt {
    fn clone(&self) -> Self {
        Self::new(self.excerpt.clone(), &self.total)
    }
}

impl Drop for KeptExcerpt {
    fn drop(&mut self) {
        let left = self.total.get().saturating_sub(self.excerpt.size());
        self.total.set(left);
    }
}

impl LastEvent {
    /// Returns a view of it; that of an excerpt has this time.
    #[cfg(feature = "spool")]
    pub(super) fn view(&self, time: SystemTime) -> Option<EventView<'_>> {
        match self {
            Self::None => None,
            Self::Whole(event) => Some(event.view()),
            Self::Excerpt(kept) => Some(kept.excerpt.view(time)),
        }
    }

    /// Returns whether its excerpt has these bytes.
    fn has_bytes(&self, bytes: &[u8]) -> bool {
        matches!(self, Self::Excerpt(kept) if kept.excerpt.has_bytes(bytes))
    }

    /// Returns it as a whole event; that of an excerpt has this time.
    pub(super) fn to_event(&self, time: SystemTime) -> Option<Rc<KeptEvent>> {
        match self {
            Self::None => None,
            Self::Whole(event) => Some(Rc::clone(event)),
            Self::Excerpt(kept) => {
                let event = kept.excerpt.view(time).to_owned_event();
                Some(Rc::new(KeptEvent::new(event, &kept.total)))
            }
        }
    }
}

impl KnownProblem {
    /// Notes the time of an event that is about to be counted. Another process may have seen it
    /// before those that are counted already.
    pub(super) fn note_time(&mut self, time: SystemTime) {
        let time = time.into();
        self.last_time = match self.reminders.untold() {
            0 => time,
            _ => self.last_time.max(time),
        };
    }

    pub(super) fn as_of(&self, now: Instant) -> ProblemSnapshot {
        ProblemSnapshot {
            state: ProblemState::Known,
            count: self.reminders.events(),
            first_seen: self.first_seen.into(),
            told: self.reminders.since_told(now),
            silent: now.saturating_duration_since(self.reminders.last_event()),
            owes_mention: self.extra.as_ref().is_some_and(|extra| extra.owes_mention),
            counted: self.reminders.untold(),
            number: self.number,
            #[cfg(feature = "spool")]
            possible_repeat: self.may_have_been_told(),
        }
    }

    /// Keeps an excerpt of the last event.
    pub(super) fn keep_excerpt(
        &mut self,
        event: &EventView<'_>,
        scratch: &mut Vec<u8>,
        kept: &Rc<Cell<usize>>,
    ) {
        let is_kept = |name: &str| name == NAMED || is_route(name);
        let spans_at = event.excerpt(is_kept, scratch);
        if !self.last.has_bytes(scratch) {
            let last = Excerpt::new(event.metadata(), scratch, spans_at);
            self.last = LastEvent::Excerpt(KeptExcerpt::new(last, kept));
        }
    }

    pub(super) fn extra(&mut self) -> &mut ExtraState {
        self.extra.get_or_insert_default()
    }

    /// Adds texts to the counted ones.
    pub(super) fn note_texts(&mut self, texts: Vec<CollectiveText>) {
        for told in texts {
            told.count_among(&mut self.extra().texts);
        }
    }

    /// Takes the counted texts.
    pub(super) fn take_texts(&mut self) -> Vec<CollectiveText> {
        let extra = self.extra.as_mut();
        extra
            .map(|extra| std::mem::take(&mut extra.texts))
            .unwrap_or_default()
    }

    pub(super) fn set_owes_mention(&mut self, owes: bool) {
        if owes || self.extra.is_some() {
            self.extra().owes_mention = owes;
        }
    }

    #[cfg(feature = "spool")]
    pub(super) fn may_have_been_told(&self) -> bool {
        self.extra
            .as_ref()
            .is_some_and(|extra| extra.possible_repeat)
    }

    /// Notes whether another process may have sent the counted events.
    #[cfg(feature = "spool")]
    pub(super) fn set_may_have_been_told(&mut self, may: bool) {
        if may || self.extra.is_some() {
            self.extra().possible_repeat = may;
        }
    }

    /// Takes the origins of the counted events.
    #[cfg(feature = "fleet")]
    pub(super) fn take_origins(&mut self) -> Option<Box<crate::worker::lane::FleetOrigins>> {
        self.extra.as_mut()?.origins.take()
    }
}
