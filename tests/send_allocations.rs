//! Allocations for the sending of a message, from the queue to the transport, on a device whose own executor
//! runs the worker.
//!
//! The transport here allocates nothing but the answer, so all that is counted is logout's: taking
//! the event, grouping, composing, rendering, judging the answer, accounts.

use std::time::Duration;

use dhat::HeapStats;
use logout::adapter::{Request, Response, Step, Verdict, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, Telegram, logout};
use serde::Deserialize;
use smol::channel::{Sender, bounded};
use tracing_subscriber::prelude::*;

use self::support::process;

mod support;

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

/// Stated in logout/docs/embedded.md; a change there and here belongs together.
const MOST_BLOCKS: u64 = 150;
const MOST_BYTES: u64 = 16 * 1024;
/// Of a text of 3,200 bytes, which just fits a message.
const MOST_BYTES_OF_LONG: u64 = 64 * 1024;

/// After five messages in ten seconds a person gets one each two seconds, so these are not many.
const EVENTS: u64 = 9;
const FIRST_FEW: usize = 5;

logout! {
    struct Alerts {
        project_name: "Pump Station 7",
        memory_limit: 512 * 1024,
        adapters: [Fast],
    }
}

/// A copy of Telegram without its pace: nobody waits here for the next message.
#[derive(Default, Deserialize)]
#[serde(default, transparent)]
struct Fast(Telegram);

impl Adapter for Fast {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(1_000_000, Duration::from_secs(1), "test")]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        self.0.render(notice, step, request);
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        self.0.judge(response)
    }
}

/// A transport that sends on its channel what had been allocated when each request came.
struct Line(Sender<(u64, u64)>);

impl Transport for Line {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        assert!(!request.body().is_empty());
        let heap = HeapStats::get();
        let so_far = (heap.total_blocks, heap.total_bytes);
        self.0.try_send(so_far).expect("each is awaited");
        let mut answer = Response::new(200);
        answer.set_body(br#"{"ok":true,"result":{"message_id":7}}"#);
        Ok(answer)
    }
}

/// Returns the allocations so far at the request of each event that `log` makes.
fn allocations_at_requests(events: u64, log: impl Fn(u64)) -> Vec<(u64, u64)> {
    let (sender, requests) = bounded(8);
    let figment = figment::Figment::new()
        .merge(("fast.bot_token", "7:tok"))
        .merge(("fast.chat_id", "1"));
    let (layer, guard, worker) = Alerts::from_figment(figment)
        .unwrap()
        .transport(Line(sender))
        .start_on();
    let subscriber = tracing_subscriber::registry().with(layer);
    let _default = tracing::subscriber::set_default(subscriber);
    let program = async {
        let mut counts = Vec::with_capacity(100);
        for number in 0..events {
            log(number);
            let late = async {
                smol::Timer::after(Duration::from_secs(20)).await;
                panic!("message {number} does not come")
            };
            counts.push(smol::future::or(async { requests.recv().await.unwrap() }, late).await);
        }
        guard.shutdown_async().await.unwrap();
        counts
    };
    smol::block_on(smol::future::zip(program, worker)).0
}

/// Returns the most blocks and bytes between two requests, once the first few have filled the buffers that
/// are reused.
fn most_between_requests(counts: &[(u64, u64)]) -> (u64, u64) {
    let each: Vec<_> = counts
        .windows(2)
        .skip(FIRST_FEW)
        .map(|two| (two[1].0 - two[0].0, two[1].1 - two[0].1))
        .collect();
    let blocks = each.iter().map(|(blocks, _)| *blocks).max();
    let bytes = each.iter().map(|(_, bytes)| *bytes).max();
    (blocks.unwrap(), bytes.unwrap())
}

/// Asserts, in a process in which nobody else allocates, that each message of `log` is sent with few
/// allocations, which have `most_bytes` at most. Both runs wait for their pace side by side.
fn assert_few(test: impl Fn() + Copy, most_bytes: u64, log: impl Fn(u64)) {
    if !process::is_alone(test) {
        return;
    }
    let _counting = dhat::Profiler::builder().testing().build();
    let (blocks, bytes) = most_between_requests(&allocations_at_requests(EVENTS, log));
    println!("at most {blocks} allocations of {bytes} bytes in all for a message");
    assert!(
        blocks <= MOST_BLOCKS && bytes <= most_bytes,
        "{blocks}, {bytes}"
    );
}

#[test]
fn a_message_is_sent_with_few_allocations_and_always_as_few() {
    let this = a_message_is_sent_with_few_allocations_and_always_as_few;
    assert_few(this, MOST_BYTES, |minute| {
        let bar = 0.3;
        tracing::error!(
            fingerprint = minute,
            minute,
            bar,
            "the pump has lost its pressure"
        );
    });
}

#[test]
fn a_long_message_is_sent_with_few_allocations_and_always_as_few() {
    let this = a_long_message_is_sent_with_few_allocations_and_always_as_few;
    let text = "the pump has lost its pressure; ".repeat(100);
    assert_few(this, MOST_BYTES_OF_LONG, |minute| {
        tracing::error!(fingerprint = minute, "{text}");
    });
}
