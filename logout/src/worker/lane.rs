//! One adapter's way from pending events to delivered messages.
//!
//! A lane groups what waits, sends when its destination's pace allows, and reads the answers. It
//! runs on the worker's thread beside the other lanes, and one that waits delays none of them.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use async_io::Timer;

use self::absence::{Absence, Suspicion};
use self::missing_routes::LostPlaces;
use self::schedule::Plan;
use crate::adapter::Window;
use crate::adapter::{Adapter, Preview};
use crate::adapter::{Form, Step};
use crate::config::{Configured, Instance};
use crate::message::Losses;
use crate::transport::{Fault, Request, Response, Secret, Transport};
use crate::worker::Shared;
use crate::worker::control::Verification;
use crate::worker::stats::Reason;

mod absence;
mod absent_destination;
mod answer;
mod dry_run;
mod groups;
mod lane_state;
mod missing_routes;
mod next_message;
mod schedule;
mod verification;

pub(crate) use self::groups::{Group, Key};
use self::lane_state::StatusNotice;
pub(crate) use self::lane_state::{LaneCell, Switch};

/// What the lanes of one worker share: the way out, and the state of the block.
#[derive(Debug)]
pub struct LaneContext<T> {
    pub(crate) transport: T,
    pub(crate) shared: Shared,
}

impl<T: Transport> LaneContext<T> {
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
            failing_since: None,
            resting_until: None,
            absence: Absence::default(),
            suspicion: Suspicion::default(),
            rests_for_suspect: false,
            answers: Vec::new(),
            lost_places: LostPlaces::default(),
        };
        lane.read_pace();
        lane.run().await;
    }
}

/// Polls one lane of several that run side by side; tells whether it is still open.
pub fn poll_lane<F: Future<Output = ()>>(
    mut lane: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> bool {
    if let Some(running) = lane.as_mut().as_pin_mut()
        && running.poll(cx).is_ready()
    {
        lane.set(None);
    }
    lane.is_some()
}

struct Lane<'d, A: Adapter, T> {
    desk: &'d LaneContext<T>,
    cell: &'d LaneCell,
    index: usize,
    instance: &'d Instance<A>,
    configured: Configured<A>,
    windows: Vec<Window>,
    request: Request,
    sending: Option<Sending>,
    /// How often in a row the destination has failed.
    tries: u32,
    /// Since when, within reach.
    failing_since: Option<Instant>,
    resting_until: Option<Instant>,
    /// Since when the destination is away or gone.
    absence: Absence,
    /// What a firewall may dislike.
    suspicion: Suspicion,
    /// Whether the rest is for what a firewall dislikes alone, and others need not wait.
    rests_for_suspect: bool,
    /// What the destination has answered to the questions of one verification.
    answers: Vec<Response>,
    /// Places that events asked for and that do not exist.
    lost_places: LostPlaces,
}

/// A message on its way.
#[derive(Debug)]
struct Sending {
    subject: Subject,
    form: Form,
    part: usize,
    previous: Option<Response>,
    /// Whether people have the message, and what is left only supplements it.
    told: bool,
    /// Whether a try may have arrived although no answer said so.
    possible_repeat: bool,
    /// Whether it still goes where its events asked to go.
    routed: bool,
    /// Whether the destination has moved while this message was on its way.
    moved: bool,
    /// What a dry run has read of it so far.
    reading: Preview,
}

#[derive(Debug)]
enum Subject {
    Events(Vec<Group>),
    Report {
        losses: Box<Losses>,
        period: Duration,
        over: bool,
    },
    StatusNotice(StatusNotice),
}

/// What a request is for.
enum RequestKind {
    Message,
    Question(Arc<Verification>),
}

/// What became of a request.
enum Answer {
    Came(Result<Response, Fault>),
    /// The time for it is up.
    Late,
    /// All of it ends.
    Ended,
}

impl<A: Adapter, T> Drop for Lane<'_, A, T> {
    /// A lane that goes down counts what it had under way, and leaves its adapter for the next.
    fn drop(&mut self) {
        self.give_up(Reason::Shutdown, Instant::now());
        let settings = self.configured.settings.clone();
        let adapter = &mut self.configured.adapter;
        // A program's adapter may panic when it is made, and this may happen amid a panic.
        if let Ok(adapter) = catch_unwind(AssertUnwindSafe(|| std::mem::take(adapter))) {
            self.instance.put_back(Configured { adapter, settings });
        }
    }
}

impl<A: Adapter, T: Transport> Lane<'_, A, T> {
    async fn run(mut self) {
        loop {
            self.adopt();
            let kind = match self.plan(Instant::now()) {
                Plan::Close => return,
                Plan::Wait(until) => {
                    self.wait(until).await;
                    None
                }
                Plan::Ask => self.write_question(),
                Plan::Send => {
                    // A slow render must not make callers wait for room in the intake.
                    self.desk.shared.take_from_queue(None);
                    self.write_message()
                }
            };
            if let Some(kind) = kind {
                self.run_request(kind).await;
            }
        }
    }

    /// Takes over a configuration that was read again.
    fn adopt(&mut self) {
        let Some(configured) = self.instance.take() else {
            return;
        };
        let before = std::mem::replace(&mut self.configured, configured);
        let settings = &self.configured.settings;
        let secrets = settings.secrets.iter().map(Secret::expose);
        let is_another = !secrets.eq(before.settings.secrets.iter().map(Secret::expose));
        if is_another {
            // A pause is the old destination's.
            self.desk.shared.paces.borrow_mut().resume(&self.windows);
            let mut state = self.cell.state.borrow_mut();
            if matches!(state.switch, Switch::Gone { .. }) {
                state.switch = Switch::On;
            }
        }
        self.resting_until = None;
        self.tries = 0;
        self.failing_since = None;
        self.absence.end();
        self.answers.clear();
        self.lost_places = LostPlaces::default();
        self.read_pace();
        match &mut self.sending {
            Some(sending) if sending.told => {
                self.leave_out("the configuration was read again", Instant::now());
            }
            Some(sending) => {
                sending.possible_repeat |= sending.part > 0;
                sending.begin_again();
            }
            None => {}
        }
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
        if self.configured.settings.incomplete {
            // What stands in for missing addresses is the same for all of them.
            for window in &mut self.windows {
                *window = window.apart(self.index);
            }
        }
    }

    /// Makes one request of what is being sent; none where it cannot be, or in a dry run.
    fn write_message(&mut self) -> Option<RequestKind> {
        self.render()?;
        if cfg!(feature = "preview") && self.desk.shared.live().dry_run {
            self.take_slot();
            self.rehearse(Instant::now());
            return None;
        }
        Some(RequestKind::Message)
    }

    /// Renders the part that is next.
    fn render(&mut self) -> Option<()> {
        let sending = self.sending.as_ref()?;
        let notice = self.compose(sending, Instant::now())?;
        let step = Step {
            form: sending.form,
            part: sending.part,
            previous: sending.previous.as_ref(),
        };
        self.request.clear();
        let (adapter, request) = (&self.configured.adapter, &mut self.request);
        if catch_unwind(AssertUnwindSafe(|| adapter.render(&notice, step, request))).is_err() {
            self.refused("the adapter panicked while rendering", Instant::now());
            return None;
        }
        if let Some(problem) = self.request.problem() {
            let problem = problem.to_owned();
            self.refused(&problem, Instant::now());
            return None;
        }
        if let Some(sending) = &mut self.sending {
            sending.told |= self.request.is_supplement();
        }
        Some(())
    }

    /// Sends the request and reads the answer.
    async fn run_request(&mut self, kind: RequestKind) {
        self.take_slot();
        self.cell.state.borrow_mut().stats.requests += 1;
        let deadline = match &kind {
            RequestKind::Message => None,
            RequestKind::Question(verification) => Some(verification.deadline),
        };
        let answer = self.exchange(deadline).await;
        match (kind, answer) {
            (RequestKind::Message, Answer::Came(answer)) => self.settle(answer, Instant::now()),
            // It waits as long as it takes.
            (RequestKind::Message, _) => {}
            (RequestKind::Question(_), answer) => self.note_answer(answer, Instant::now()),
        }
    }

    fn take_slot(&self) {
        let mut paces = self.desk.shared.paces.borrow_mut();
        paces.take_slot(&self.windows, Instant::now());
    }

    /// Sends the request, and waits for the answer until the deadline, if there is one, or until
    /// all of it ends; a panic of the adapter's own way of sending is a fault.
    async fn exchange(&self, deadline: Option<Instant>) -> Answer {
        let (adapter, request, desk) = (&self.configured.adapter, &self.request, self.desk);
        let deadline = deadline.filter(|_| cfg!(feature = "verify"));
        // Inside a block of its own, so that what panics before the first await is caught too.
        let mut exchange = pin!(async { adapter.send(request, &desk.transport).await });
        let mut late = pin!(deadline.map(Timer::at));
        poll_fn(|cx| {
            if deadline.is_some() && desk.shared.is_closing() {
                return Poll::Ready(Answer::Ended);
            }
            let polled = catch_unwind(AssertUnwindSafe(|| exchange.as_mut().poll(cx)));
            let polled = polled.unwrap_or_else(|_| {
                Poll::Ready(Err(Fault::Unknown(
                    "the adapter panicked while sending".to_owned(),
                )))
            });
            match (polled, late.as_mut().as_pin_mut()) {
                (Poll::Ready(answer), _) => Poll::Ready(Answer::Came(answer)),
                (Poll::Pending, Some(late)) => late.poll(cx).map(|_| Answer::Late),
                (Poll::Pending, None) => Poll::Pending,
            }
        })
        .await
    }

    /// Waits until then, or until somebody rings.
    async fn wait(&self, until: Option<Instant>) {
        let mut timer = pin!(until.map_or_else(Timer::never, Timer::at));
        poll_fn(|cx| {
            if self.cell.was_notified() {
                Poll::Ready(())
            } else {
                timer.as_mut().poll(cx).map(drop)
            }
        })
        .await;
    }
}

impl<A: Adapter, T> Lane<'_, A, T> {
    /// Tells whoever reads standard error, without a secret.
    fn say(&self, text: &str) {
        let name = self.name();
        self.desk.shared.say(&format!("{name}: {text}"));
    }

    fn name(&self) -> &'static str {
        self.cell.state.borrow().stats.name
    }
}

impl Sending {
    fn new(subject: Subject) -> Self {
        Self {
            subject,
            form: Form::Rich,
            part: 0,
            previous: None,
            told: false,
            possible_repeat: false,
            routed: true,
            moved: false,
            reading: Preview::default(),
        }
    }

    /// The place its events asked to go to, as a hash.
    fn route(&self) -> Option<u64> {
        match &self.subject {
            Subject::Events(groups) => Some(groups.first()?.key.route),
            _ => None,
        }
    }

    /// Sends it from its first part again.
    fn begin_again(&mut self) {
        self.part = 0;
        self.previous = None;
    }
}

// Whole workers by the clock, for which Miri is too slow.
#[cfg(all(test, not(miri)))]
mod tests;
