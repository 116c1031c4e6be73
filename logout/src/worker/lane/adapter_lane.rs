//! The part of a lane that is generic over its adapter, and compiled once for each type.
//!
//! What needs no adapter is in [`RunningLane`], whose code all adapters of a program share.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use super::capabilities::{Capabilities, windows};
use super::schedule::NextStep;
use super::{Clock, RunningLane};
use crate::adapter::{Adapter, Step, Verdict};
use crate::config::{Configured, Instance};
use crate::event::encoding::catch_panics;
use crate::transport::{Fault, Response, Transport};
use crate::worker::caught_future::{CaughtFuture, without_error_source};

pub(super) struct AdapterLane<'w, A: Adapter, T, C: Clock> {
    pub(super) lane: RunningLane<'w, T, C>,
    pub(super) instance: &'w Instance<A>,
    /// The verification of credentials borrows it too.
    pub(super) configured: &'w RefCell<Configured<A>>,
}

impl<A: Adapter, T: Transport, C: Clock> AdapterLane<'_, A, T, C> {
    pub(super) async fn run(mut self) {
        self.read_pace();
        if A::INCIDENTS {
            self.lane
                .shared
                .state
                .borrow_mut()
                .known
                .resolve_incidents();
        }
        loop {
            self.adopt();
            match self.lane.next_step(self.lane.worker.now()) {
                NextStep::Close => return,
                NextStep::Wait(until) => self.lane.wait(until).await,
                NextStep::Send => {
                    // A slow render must not make callers wait for room in the queue.
                    self.lane.worker.take_from_queue(None);
                    if self.write_message() {
                        self.send_message().await;
                    }
                }
            }
        }
    }

    /// Takes over a configuration that was read again.
    fn adopt(&mut self) {
        let Some(configured) = self.instance.take() else {
            return;
        };
        let before = self.configured.replace(configured);
        let leads_elsewhere = self.configured.borrow().leads_elsewhere(&before);
        let _panicked = catch_panics(|| drop(before));
        self.lane.capabilities = Capabilities::of(&self.configured.borrow());
        self.lane.reset(leads_elsewhere);
        self.read_pace();
    }

    fn read_pace(&self) {
        let windows = windows(&self.configured.borrow(), self.lane.index);
        self.lane.set_windows(windows);
    }

    /// Renders a request; returns whether it is to be sent, as it is not in a dry run.
    fn write_message(&mut self) -> bool {
        if !self.render() {
            return false;
        }
        let is_dry = cfg!(feature = "preview") && self.lane.worker.settings().dry_run;
        if is_dry {
            self.lane.reserve_slot();
            self.lane.note_answered();
            self.show_request(self.lane.worker.now());
        }
        !is_dry
    }

    /// Renders the next part; returns whether it can be sent.
    fn render(&mut self) -> bool {
        let lane = &mut self.lane;
        let Some(sending) = &lane.sending else {
            return false;
        };
        let Some(notice) = lane.compose(sending, lane.worker.now()) else {
            return false;
        };
        let memory = sending.remembered(&lane.shared.state.borrow());
        let step = Step {
            form: sending.form,
            part: sending.part,
            answers: &sending.answers,
            id: &sending.id,
            memory: memory.as_ref(),
        };
        lane.request.clear();
        let (configured, request) = (self.configured.borrow(), &mut lane.request);
        let render = || configured.adapter.render(&notice, step, request);
        let rendered = catch_panics(render);
        drop(configured);
        lane.can_send(rendered.is_some())
    }

    /// Sends the request and handles the answer; a panic in the adapter's `send` is a fault.
    async fn send_message(&mut self) {
        #[cfg(feature = "fleet")]
        if !self.lane.register_with_broker().await {
            return;
        }
        #[cfg(feature = "spool")]
        self.lane.worker.store_before_request(self.lane.index).await;
        self.lane.reserve_slot();
        self.lane.shared.state.borrow_mut().stats.requests += 1;
        let answer = self.exchange().await;
        self.lane.note_answered();
        self.settle(answer);
    }

    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "nobody borrows it mutably but this lane, which waits here"
    )]
    async fn exchange(&self) -> Result<Response, Fault> {
        let (configured, lane) = (self.configured.borrow(), &self.lane);
        let transport = &lane.worker.transport;
        // In a block of its own, so that a panic before the first await is caught too.
        let exchange = async { configured.adapter.send(&lane.request, transport).await };
        let mut exchange = pin!(Some(exchange));
        let mut exchange = CaughtFuture(exchange.as_mut());
        let answer = poll_fn(|cx| {
            let polled = exchange.poll(cx).unwrap_or_else(|| {
                let why = "the adapter panicked while sending";
                Poll::Ready(Err(Fault::Unknown(why.into())))
            });
            lane.note_written();
            polled
        });
        without_error_source(answer.await)
    }

    fn settle(&mut self, answer: Result<Response, Fault>) {
        let now = self.lane.worker.now();
        let Some(response) = self.lane.settle_fault(answer, now) else {
            return;
        };
        let mut configured = self.configured.borrow_mut();
        let judged = catch_panics(|| configured.adapter.judge(&response));
        drop(configured);
        if matches!(judged, Some(Verdict::Moved(_))) {
            // The new destination may have another pace.
            self.read_pace();
        }
        if let Some(response) = self.lane.settle_verdict(judged, response, now) {
            self.handle_part_taken(response, now);
        }
    }

    pub(super) fn handle_part_taken(&mut self, response: Response, now: Instant) {
        self.remember(&response);
        if self.lane.handle_part_taken(response, now) {
            self.render();
            if self.lane.request.is_supplement() {
                self.lane.note_delivered(now);
            }
        }
    }

    /// Keeps what the adapter remembers of the answer, if the message is of one problem only.
    fn remember(&mut self, response: &Response) {
        if let Some(sending) = &mut self.lane.sending
            && sending.part == 0
            && !sending.is_of_several_groups()
        {
            let configured = self.configured.borrow();
            let remember = || configured.adapter.remember(response);
            sending.memory = catch_panics(remember).flatten();
        }
    }
}
