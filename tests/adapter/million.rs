//! Generated events on all four platforms, of which no message is refused and none cut silently.
//!
//! The million is run by hand:
//! `cargo test --release --test adapter -- --ignored --nocapture million`

use std::time::Instant;

use jsonschema::Validator;
use logout::adapter::{Request, Step};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::judge::chats::Chats;
use crate::judge::fields::fields;
use crate::judge::hostile;
use crate::support::contracts::contract;

/// One event in so many is held against the platforms' schemas, too.
const SAMPLE: u64 = 200;

/// The schemas, where the machine has them.
struct Schemas(Vec<(&'static str, Validator)>);

impl Schemas {
    fn read() -> Self {
        let files = [
            ("slack", "slack/incoming_webhook.schema.json"),
            ("discord", "discord/execute_webhook.schema.json"),
            ("sendMessage", "telegram/send_message.schema.json"),
            ("sendDocument", "telegram/send_document.schema.json"),
            ("messages", "zulip/send_message_form.schema.json"),
        ];
        let read = files.into_iter().filter_map(|(name, file)| {
            let schema = jsonschema::validator_for(&contract(file)?).unwrap();
            Some((name, schema))
        });
        Self(read.collect())
    }

    fn check(&self, platform: &str, request: &Request) {
        let path = request.url().path_and_query();
        let is_it = |name: &str| name == platform || path.ends_with(&format!("/{name}"));
        if let Some((_, schema)) = self.0.iter().find(|(name, _)| is_it(name)) {
            let fields = fields(request);
            let body: &Value = fields.get("payload_json").unwrap_or(&fields);
            let problems: Vec<_> = schema.iter_errors(body).map(|e| e.to_string()).collect();
            assert!(problems.is_empty(), "{problems:#?}\n{body:#}");
        }
    }
}

/// Judges so many events of the sequence that begins with `seed`, and returns the number of requests.
fn judge(seed: u8, events: u64) -> u64 {
    let schemas = Schemas::read();
    let mut chats = Chats::open();
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let strategy = hostile::notice();
    let begun = Instant::now();
    for event in 0..events {
        let mut notice = strategy.new_tree(&mut runner).unwrap().current();
        // A thread that nobody opened is refused, as it should be.
        notice.routes.retain(|(route, _)| route == "zulip_topic");
        let step = if event % 8 == 7 {
            Step::plain()
        } else {
            Step::default()
        };
        let findings = chats.findings(&notice, step, |platform, request| {
            if event % SAMPLE == 0 {
                schemas.check(platform, request);
            }
        });
        assert!(
            findings.is_empty(),
            "event {event} of seed {seed}: {findings:?}\n{notice:#?}"
        );
        if (event + 1) % 50_000 == 0 {
            let seconds = begun.elapsed().as_secs();
            eprintln!(
                "seed {seed}: {} events, {} requests, {seconds} s",
                event + 1,
                chats.requests
            );
        }
    }
    chats.requests
}

#[test]
fn some_hundred_events_are_taken_whole() {
    // It is the last to end, so that it has both cores.
    let halves = [0, 3].map(|seed| std::thread::spawn(move || judge(seed, 250)));
    let requests: u64 = halves.into_iter().map(|half| half.join().unwrap()).sum();
    assert!(requests >= 2_000, "{requests}");
}

#[test]
#[ignore = "takes many minutes"]
fn a_million_events_are_taken_whole() {
    let halves = [1, 2].map(|seed| std::thread::spawn(move || judge(seed, 500_000)));
    let requests: u64 = halves.into_iter().map(|half| half.join().unwrap()).sum();
    println!("1,000,000 events in {requests} requests: none refused, none cut");
}
