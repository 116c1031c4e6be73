//! Statistics beside the account: messages by their kind, ages, and all of it as metrics.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use logout::adapter::{Request, Response};
use logout::logout;
use logout::stats::{LaneStats, MessageState, Reason};
use logout::transport::{Fault, Transport};
use openmetrics_parser::openmetrics::parse_openmetrics;
use openmetrics_parser::{MetricNumber, OpenMetricsValue};
use tracing_subscriber::prelude::*;

use crate::support;
use crate::support::hook::Hook;
use crate::support::{TIMEOUT, run_with, wait_until_empty};

logout! {
    struct Alerts { adapters: [hook: Hook] }
}

logout! {
    struct Choosy {
        adapters: [
            hook: Hook { ignore: [team: "art"] },
            errors: Hook { level: ERROR },
        ],
    }
}

const URL: (&str, &str) = ("hook.url", "https://hook.example");

/// A destination out of reach until it is let in.
#[derive(Clone, Debug, Default)]
struct Barrier(Arc<AtomicBool>);

impl Transport for Barrier {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        if !self.0.load(Ordering::SeqCst) {
            return Err(Fault::NotSent("as the test wants it".into()));
        }
        let mut answer = Response::new(200);
        answer.set_body("ok");
        Ok(answer)
    }
}

/// Waits until the only instance's account is as wanted.
fn wait_for(guard: &logout::Guard<Alerts>, wanted: impl Fn(&LaneStats) -> bool) -> LaneStats {
    let start = Instant::now();
    loop {
        let lane = guard.handle().stats().lanes.remove(0);
        if wanted(&lane) || start.elapsed() > TIMEOUT {
            return lane;
        }
        std::thread::yield_now();
    }
}

#[test]
fn the_oldest_event_ages_until_it_is_delivered() {
    let barrier = Barrier::default();
    let alerts = Alerts::from_figment(URL).unwrap();
    let begin = Instant::now();
    let guard = run_with(alerts.transport(barrier.clone()).start().unwrap(), || {
        tracing::error!("payment failed");
        tracing::error!(order = 7, "no parcel");
    });
    let failing = wait_for(&guard, |lane| lane.requests > 0);
    let age = failing.oldest.expect("it is in a back-off");
    assert!(age <= begin.elapsed(), "{age:?}");
    assert_eq!(failing.last_delivery, None);
    let older = wait_for(&guard, |lane| lane.oldest > Some(age));
    assert!(older.oldest > Some(age), "{older:?}");

    barrier.0.store(true, Ordering::SeqCst);
    guard.handle().flush(TIMEOUT).unwrap();
    let lane = wait_for(&guard, |_| true);
    assert_eq!(lane.oldest, None, "{lane:?}");
    assert!(
        lane.last_delivery.is_some_and(|ago| ago <= begin.elapsed()),
        "{lane:?}"
    );
    assert_eq!(lane.messages_by_state.get(MessageState::New), lane.messages);
}

#[test]
fn what_is_on_its_way_ages_too() {
    struct Silent;
    impl Transport for Silent {
        async fn send(&self, _: &Request) -> Result<Response, Fault> {
            std::future::pending().await
        }
    }
    let alerts = Alerts::from_figment(URL).unwrap();
    let guard = run_with(alerts.transport(Silent).start().unwrap(), || {
        tracing::error!("payment failed");
    });
    let sent = wait_for(&guard, |lane| lane.requests > 0);
    assert!(sent.oldest.is_some(), "{sent:?}");
    let _left = guard.handle().shutdown(Duration::ZERO);
    let lane = wait_until_empty(&guard.handle()).lanes.remove(0);
    assert_eq!((lane.oldest, lane.last_delivery), (None, None), "{lane:?}");
}

/// A chat that refuses messages about a parcel, but not reports about them.
struct Picky;

impl Transport for Picky {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let text = String::from_utf8_lossy(request.body());
        let is_refused = text.contains("no parcel") && !text.contains("not delivered");
        let mut answer = Response::new(if is_refused { 400 } else { 200 });
        answer.set_body("ok");
        Ok(answer)
    }
}

#[test]
fn a_run_in_which_much_goes_wrong_reads_as_metrics() {
    let figment = figment::Figment::new()
        .merge(URL)
        .merge(("errors.url", "https://errors.example"));
    let alerts = Choosy::from_figment(figment).unwrap();
    let (layer, guard) = alerts.transport(Picky).start().unwrap();
    let subscriber = tracing::Dispatch::new(tracing_subscriber::registry().with(layer));
    let _default = tracing::dispatcher::set_default(&subscriber);
    let handle = guard.handle();
    tracing::error!("payment failed");
    tracing::error!(team = "art", "the poster hangs askew");
    tracing::warn!("only one chat is told");
    tracing::error!("no parcel");
    handle.flush(TIMEOUT).unwrap();
    handle.disable(ChoosyAdapter::Errors, TIMEOUT).unwrap();
    tracing::error!("nobody there is told");
    handle.flush(TIMEOUT).unwrap();
    handle.shutdown(TIMEOUT).unwrap();
    tracing::error!("too late");

    let stats = handle.stats();
    support::assert_adds_up(&stats);
    let text = stats.openmetrics();
    let samples = parse_samples(&text);
    for (instance, reason, events) in [
        ("hook", Reason::Filtered, 1.0),
        ("hook", Reason::Rejected, 1.0),
        ("hook", Reason::Disabled, 0.0),
        ("hook", Reason::Shutdown, 1.0),
        ("errors", Reason::Filtered, 0.0),
        ("errors", Reason::Rejected, 1.0),
        ("errors", Reason::Disabled, 1.0),
    ] {
        let reason = reason.as_str();
        let name = format!("logout_events/{instance}/discarded/{reason}");
        assert_eq!(samples[&name], events, "{name} in\n{text}");
    }
    for lane in &stats.lanes {
        let sum = |prefix: String| -> f64 {
            let samples = samples.iter().filter(|(name, _)| name.starts_with(&prefix));
            samples.map(|(_, value)| value).sum()
        };
        let pending = samples[&format!("logout_pending/{}", lane.name)];
        let settled = sum(format!("logout_events/{}/", lane.name));
        assert_eq!(settled + pending, lane.accepted as f64, "{text}");
        assert_eq!(
            sum(format!("logout_messages/{}/", lane.name)),
            lane.messages as f64
        );
        assert!(samples.contains_key(&format!("logout_seconds_since_delivery/{}", lane.name)));
    }
    assert_eq!(
        samples["logout_messages/hook/report"], 1.0,
        "the loss is told at the end: {text}"
    );
}

/// Returns the samples by family and label values.
fn parse_samples(text: &str) -> BTreeMap<String, f64> {
    // The parser wants the same labels in all samples of a family, which the standard does not. A
    // label without a value is the same as none.
    let text = text.replace(r#""delivered"}"#, r#""delivered",reason=""}"#);
    let families = parse_openmetrics(&text).unwrap().families;
    let samples = families.into_iter().flat_map(|(family, samples)| {
        let samples = samples.into_iter_samples();
        samples.map(move |sample| {
            let labels = sample.get_labelset().into_iter().flat_map(|labels| {
                let labels = labels.iter().map(|(_, value)| value.to_owned());
                labels.collect::<Vec<_>>()
            });
            let name: Vec<_> = std::iter::once(family.clone()).chain(labels).collect();
            let value = match &sample.value {
                OpenMetricsValue::Counter(counter) => counter.value,
                OpenMetricsValue::Gauge(value) => *value,
                other => panic!("{family}: {other:?}"),
            };
            let value = match value {
                MetricNumber::Int(value) => value as f64,
                MetricNumber::Float(value) => value,
            };
            (name.join("/"), value)
        })
    });
    samples.collect()
}
