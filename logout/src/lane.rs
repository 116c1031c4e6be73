//! One adapter's way from pending events to delivered messages.
//!
//! A lane groups what waits, sends when its destination's pace allows, and reads the answers. It
//! runs on the worker's thread beside the other lanes, and one that waits delays none of them.

use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use async_io::Timer;

use crate::adapter::{Form, Step};
use crate::compose::{Circumstances, announcement, digest, report};
use crate::dispatch::{Configured, Instance};
use crate::notice::Notice;
use crate::pace::Window;
use crate::stats::Reason;
use crate::worker::Shared;
use crate::{Adapter, Fault, Request, Response, Transport};

mod answer;
mod cell;
mod groups;
mod losses;

pub(crate) use self::cell::{LaneCell, Switch};
pub(crate) use self::groups::Group;
pub(crate) use self::losses::{Losses, Site};

/// What the lanes of one worker share: the way out, and the state of the block.
#[derive(Debug)]
pub struct Desk<T> {
    pub(crate) transport: T,
    pub(crate) shared: Shared,
}

impl<T: Transport> Desk<T> {
    /// Runs the lane of the instance at `index` of the block until it is closed.
    pub async fn lane<A: Adapter>(&self, index: usize, instance: &Instance<A>) {
        let (Some(cell), Some(configured)) = (self.shared.lanes.get(index), instance.take()) else {
            return;
        };
        let mut lane = Lane {
            desk: self,
            cell,
            index,
            instance,
            configured,
            windows: Vec::new(),
            request: Request::new(),
            sending: None,
            tries: 0,
            resting_until: None,
        };
        lane.read_pace();
        lane.run().await;
    }
}

struct Lane<'d, A: Adapter, T> {
    desk: &'d Desk<T>,
    cell: &'d LaneCell,
    index: usize,
    instance: &'d Instance<A>,
    configured: Configured<A>,
    windows: Vec<Window>,
    request: Request,
    sending: Option<Sending>,
    /// How often in a row the destination has failed.
    tries: u32,
    resting_until: Option<Instant>,
}

/// A message on its way.
#[derive(Debug)]
struct Sending {
    subject: Subject,
    form: Form,
    part: usize,
    previous: Option<Response>,
    /// Whether a try may have arrived although no answer said so.
    possible_repeat: bool,
    /// Whether it still goes where its events asked to go.
    routed: bool,
    /// Whether the destination has moved while this message was on its way.
    moved: bool,
}

#[derive(Debug)]
enum Subject {
    Events(Vec<Group>),
    Report {
        losses: Losses,
        period: Duration,
        over: bool,
    },
    Announcement(String),
}

impl<A: Adapter, T> Drop for Lane<'_, A, T> {
    /// A lane that goes down with a worker leaves its adapter for the next one.
    fn drop(&mut self) {
        let settings = self.configured.settings.clone();
        let adapter = std::mem::take(&mut self.configured.adapter);
        self.instance.put_back(Configured { adapter, settings });
    }
}

/// What a lane does next.
enum Plan {
    Close,
    Wait(Option<Instant>),
    Send,
}

impl<A: Adapter, T: Transport> Lane<'_, A, T> {
    async fn run(mut self) {
        loop {
            self.adopt();
            match self.plan(Instant::now()) {
                Plan::Close => return,
                Plan::Wait(until) => self.wait(until).await,
                Plan::Send => {
                    // A slow render must not make callers wait for room in the intake.
                    self.desk.shared.take_in(None);
                    self.send().await;
                }
            }
        }
    }

    /// Takes over a configuration that was read again.
    fn adopt(&mut self) {
        let Some(configured) = self.instance.take() else {
            return;
        };
        self.desk.shared.paces.borrow_mut().resume(&self.windows);
        self.configured = configured;
        self.resting_until = None;
        self.tries = 0;
        self.read_pace();
        let mut state = self.cell.state.borrow_mut();
        let now = Instant::now();
        state.switch = if self.configured.settings.enabled {
            Switch::On
        } else {
            Switch::Disabled { until: now }
        };
    }

    fn read_pace(&mut self) {
        let adapter = &self.configured.adapter;
        let windows = catch_unwind(AssertUnwindSafe(|| {
            adapter.pace().into_iter().collect::<Vec<_>>()
        }));
        self.windows = windows.unwrap_or_default();
        if self.windows.is_empty() {
            self.windows
                .push(Window::new(1, Duration::from_secs(1), ("lane", self.index)));
        }
    }

    fn plan(&mut self, now: Instant) -> Plan {
        self.clear_out(now);
        let report_at = self.report_at();
        let closing = self.desk.shared.is_closing();
        let state = self.cell.state.borrow();
        let report_due = report_at.is_some_and(|at| at <= now || closing);
        let work =
            self.sending.is_some() || !state.groups.is_empty() || !state.announcements.is_empty();
        if !work && !report_due {
            let recheck = match state.switch {
                Switch::Gone { until } => until,
                _ => None,
            };
            return if closing {
                Plan::Close
            } else {
                Plan::Wait(report_at.into_iter().chain(recheck).min())
            };
        }
        drop(state);
        let slot = self
            .desk
            .shared
            .paces
            .borrow()
            .next_slot(&self.windows, now);
        let at = self.resting_until.map_or(slot, |rested| rested.max(slot));
        if at > now {
            // Events grow too old while their destination is away.
            return Plan::Wait(Some(at.min(now + self.desk.shared.limits().max_age)));
        }
        if self.sending.is_none() {
            self.sending = self.pick(report_due, now);
        }
        if self.sending.is_some() {
            Plan::Send
        } else {
            Plan::Wait(Some(now))
        }
    }

    /// Gives up what has become too old, or belongs to a lane that is switched off.
    fn clear_out(&mut self, now: Instant) {
        let max_age = self.desk.shared.limits().max_age;
        let mut state = self.cell.state.borrow_mut();
        for group in state.groups.expire(now, max_age) {
            state.lose_group(&group, Reason::Expired, now);
        }
        match state.switch {
            Switch::Gone { until: Some(until) } if until <= now => state.switch = Switch::On,
            Switch::Gone { .. } => state.lose_pending(Reason::SwitchedOff, now),
            Switch::Disabled { until } if until <= now => state.lose_pending(Reason::Disabled, now),
            _ => {}
        }
        drop(state);
        let too_old = |sending: &Sending| match &sending.subject {
            Subject::Events(groups) => groups.iter().all(|group| group.is_older(now, max_age)),
            _ => false,
        };
        if self.sending.as_ref().is_some_and(too_old) {
            self.give_up(Reason::Expired, now);
        }
    }

    /// When the next report is due.
    fn report_at(&self) -> Option<Instant> {
        let state = self.cell.state.borrow();
        if matches!(state.switch, Switch::Gone { .. } | Switch::Disabled { .. }) {
            return None;
        }
        let since = state.losing_since.or(state.reported)?;
        Some(since + self.desk.shared.limits().report_period)
    }

    fn pick(&mut self, report_due: bool, now: Instant) -> Option<Sending> {
        let mut state = self.cell.state.borrow_mut();
        let subject = if let Some(text) = state.announcements.pop_front() {
            Subject::Announcement(text)
        } else if report_due {
            match state.losing_since.take() {
                Some(since) => {
                    let losses = std::mem::take(&mut state.losses);
                    let period = now.saturating_duration_since(since);
                    let over = crate::compose::since(losses.last())
                        > self.desk.shared.limits().report_period / 3;
                    state.reported = None;
                    Subject::Report {
                        losses,
                        period,
                        over,
                    }
                }
                None => {
                    state.reported = None;
                    Subject::Announcement(
                        "Nothing more has been lost: all events are delivered again.".to_owned(),
                    )
                }
            }
        } else {
            drop(state);
            Subject::Events(self.pick_groups()?)
        };
        Some(Sending {
            subject,
            form: Form::Rich,
            part: 0,
            previous: None,
            possible_repeat: false,
            routed: true,
            moved: false,
        })
    }

    /// As many groups as one message holds.
    fn pick_groups(&mut self) -> Option<Vec<Group>> {
        let mut state = self.cell.state.borrow_mut();
        let keys = state.groups.next();
        let entries: Vec<_> = keys
            .iter()
            .filter_map(|key| Some(state.groups.get(*key)?.entry()))
            .collect();
        let live = self.desk.shared.live();
        let (_, taken) = digest(
            &live.composer(self.index)?,
            &entries,
            A::ROOM,
            Circumstances::default(),
        );
        let groups: Vec<_> = keys
            .iter()
            .take(taken)
            .filter_map(|key| state.groups.remove(*key))
            .collect();
        state.under_way = groups.iter().map(|group| group.number).min();
        (!groups.is_empty()).then_some(groups)
    }

    /// Tells what is being sent, as of now.
    fn compose(&self, sending: &Sending, now: Instant) -> Option<Notice> {
        let live = self.desk.shared.live();
        let composer = live.composer(self.index)?;
        Some(match &sending.subject {
            Subject::Events(groups) => {
                let age = groups
                    .iter()
                    .map(|group| group.age(now))
                    .max()
                    .unwrap_or_default();
                let circumstances = Circumstances {
                    age,
                    possible_repeat: sending.possible_repeat,
                    routed: sending.routed,
                };
                let entries: Vec<_> = groups.iter().map(Group::entry).collect();
                digest(&composer, &entries, usize::MAX, circumstances).0
            }
            Subject::Report {
                losses,
                period,
                over,
            } => report(&composer, losses, *period, *over),
            Subject::Announcement(text) => announcement(&composer, text),
        })
    }

    /// Makes one request of what is being sent, sends it and reads the answer.
    async fn send(&mut self) {
        let Some(sending) = self.sending.as_ref() else {
            return;
        };
        let Some(notice) = self.compose(sending, Instant::now()) else {
            return;
        };
        let mut step = Step::default();
        step.form = sending.form;
        step.part = sending.part;
        step.previous = sending.previous.as_ref();
        self.request.clear();
        let (adapter, request) = (&self.configured.adapter, &mut self.request);
        if catch_unwind(AssertUnwindSafe(|| adapter.render(&notice, step, request))).is_err() {
            return self.refused("the adapter panicked while rendering", Instant::now());
        }
        if let Some(problem) = self.request.problem() {
            let problem = problem.to_owned();
            return self.refused(&problem, Instant::now());
        }
        self.desk
            .shared
            .paces
            .borrow_mut()
            .take_slot(&self.windows, Instant::now());
        self.cell.state.borrow_mut().stats.requests += 1;
        let answer = self.exchange().await;
        self.settle(answer, Instant::now());
    }

    /// Sends the request; a panic of the adapter's own way of sending is a fault.
    async fn exchange(&self) -> Result<Response, Fault> {
        let mut exchange = pin!(
            self.configured
                .adapter
                .send(&self.request, &self.desk.transport)
        );
        poll_fn(|cx| {
            catch_unwind(AssertUnwindSafe(|| exchange.as_mut().poll(cx))).unwrap_or_else(|_| {
                Poll::Ready(Err(Fault::Unknown(
                    "the adapter panicked while sending".to_owned(),
                )))
            })
        })
        .await
    }

    /// Waits until then, or until somebody rings.
    async fn wait(&self, until: Option<Instant>) {
        let mut timer = pin!(until.map_or_else(Timer::never, Timer::at));
        let first = Cell::new(true);
        poll_fn(|cx| {
            if self.cell.was_rung()
                || (self.desk.shared.is_closing() && first.take() && until.is_none())
            {
                return Poll::Ready(());
            }
            timer.as_mut().poll(cx).map(drop)
        })
        .await;
    }
}
