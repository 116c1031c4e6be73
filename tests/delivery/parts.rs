//! A message of several requests, each of which is given the answers to those before it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use logout::adapter::{Request, Response, Step, Url, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, logout};
use serde::Deserialize;

use crate::support::{TIMEOUT, run_with};

const PARTS: usize = 6;

/// A chat that posts the lengths of the answers it is given.
#[derive(Default, Deserialize)]
struct Chat {}

impl Adapter for Chat {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(PARTS, Duration::from_millis(20), "chat")]
    }

    fn render(&self, _: &Notice, step: Step<'_>, request: &mut Request) {
        let shown = step.answers.iter().map(|answer| answer.body().len());
        request
            .post(&Url::parse("https://chat.example.org").unwrap())
            .json(&shown.collect::<Vec<_>>());
        if step.part + 1 < PARTS {
            request.followed();
        }
    }
}

/// A transport that answers each request with this many bytes.
#[derive(Clone)]
struct Line {
    answer: usize,
    told: Arc<Mutex<Vec<Vec<usize>>>>,
}

impl Transport for Line {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let shown = serde_json::from_slice(request.body()).unwrap();
        self.told.lock().unwrap().push(shown);
        let mut response = Response::new(200);
        response.set_body(vec![b'x'; self.answer]);
        Ok(response)
    }
}

logout! { struct Alerts { adapters: [Chat {}] } }

/// Returns the lengths of the earlier answers that each part is given, for answers of `answer` bytes.
fn answer_lengths_seen(answer: usize) -> Vec<Vec<usize>> {
    let told = Arc::default();
    let line = Line {
        answer,
        told: Arc::clone(&told),
    };
    let alerts = Alerts::from_figment(figment::Figment::new()).unwrap();
    let guard = run_with(alerts.transport(line).start().unwrap(), || {
        tracing::error!("payment failed");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    let told = told.lock().unwrap();
    told.clone()
}

#[test]
fn each_part_is_shown_what_all_before_it_were_answered() {
    let parts: Vec<_> = (0..PARTS).map(|before| vec![100; before]).collect();
    assert_eq!(answer_lengths_seen(100), parts);
}

#[test]
fn long_answers_cost_a_message_no_more_memory_than_one() {
    const LONG: usize = 40 << 10;
    for (part, shown) in answer_lengths_seen(LONG).iter().enumerate() {
        assert_eq!(shown.len(), part);
        assert_eq!(shown.last().copied().unwrap_or(LONG), LONG);
        assert!(shown.iter().sum::<usize>() <= 64 << 10, "{shown:?}");
    }
}
