//! Spans around an event, which give it its context and its routes.

use logout::sandbox::{Platform, Sandbox};
use logout::{Zulip, logout};
use tracing::field::Empty;

use crate::support::{inbox_of, only_message, run_and_flush};

logout! {
    struct Alerts {
        project_name: "shop",
        adapters: [Zulip { stream: "alerts" }],
    }
}

fn logged(work: impl FnOnce()) -> Sandbox {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("zulip")).unwrap();
    run_and_flush(alerts.start().unwrap(), work);
    sandbox
}

/// Returns the topics of the messages that arrived, in order.
fn topics(sandbox: &Sandbox) -> Vec<String> {
    inbox_of(sandbox, "zulip")
        .iter()
        .map(|message| message.details().zulip().unwrap().topic.clone())
        .collect()
}

#[test]
fn the_path_of_spans_is_told_with_its_fields_outermost_first() {
    let sandbox = logged(|| {
        let _request = tracing::info_span!("request", id = 7).entered();
        let _charge = tracing::info_span!("charge", order = 42).entered();
        tracing::error!("payment failed");
    });
    let message = only_message(&sandbox, Platform::Zulip);
    assert!(
        message.text().contains("request{id=7} › charge{order=42}"),
        "{message}"
    );
}

#[test]
fn what_a_span_records_later_is_told() {
    let sandbox = logged(|| {
        let span = tracing::info_span!("request", id = 7, user = Empty);
        let _inside = span.enter();
        span.record("user", "c_1837");
        tracing::error!("payment failed");
    });
    let message = only_message(&sandbox, Platform::Zulip);
    assert!(
        message.text().contains("request{id=7 user=c_1837}"),
        "{message}"
    );
}

#[test]
fn an_explicit_parent_is_the_context_wherever_the_event_happens() {
    let sandbox = logged(|| {
        let job = tracing::info_span!(parent: None, "job", id = 1);
        let _elsewhere = tracing::info_span!("elsewhere").entered();
        tracing::error!(parent: &job, "the job failed");
    });
    let message = only_message(&sandbox, Platform::Zulip);
    assert!(message.text().contains("job{id=1}"), "{message}");
    assert!(!message.text().contains("elsewhere"), "{message}");
}

#[test]
fn the_topic_is_the_project_unless_somebody_says_otherwise() {
    assert_eq!(topics(&logged(|| tracing::error!("broken"))), ["shop"]);
}

#[test]
fn a_topic_on_the_event_routes_it_and_is_not_shown_as_a_field() {
    let sandbox = logged(|| tracing::error!(zulip_topic = "stock", "broken"));
    assert_eq!(topics(&sandbox), ["stock"]);
    let message = only_message(&sandbox, Platform::Zulip);
    assert!(!message.text().contains("zulip_topic"), "{message}");
}

#[test]
fn a_topic_is_inherited_from_the_innermost_span_that_has_one() {
    let sandbox = logged(|| {
        let _shop = tracing::info_span!("shop", zulip_topic = "shop floor").entered();
        let _pay = tracing::info_span!("pay", zulip_topic = "payments").entered();
        let _try = tracing::info_span!("try").entered();
        tracing::error!("broken");
    });
    assert_eq!(topics(&sandbox), ["payments"]);
}

#[test]
fn spans_can_be_left_out_by_configuration() {
    for (level, path) in [
        ("info", "request › charge"),
        ("warn", "charge"),
        ("off", ""),
    ] {
        let sandbox = Sandbox::start().unwrap();
        let figment = sandbox.figment_for("zulip").merge(("spans", level));
        let alerts = Alerts::from_figment(figment).unwrap();
        run_and_flush(alerts.start().unwrap(), || {
            let _request = tracing::info_span!("request").entered();
            let _charge = tracing::warn_span!("charge").entered();
            tracing::error!("payment failed");
        });
        let message = only_message(&sandbox, Platform::Zulip);
        for name in ["request", "charge"] {
            assert_eq!(
                message.text().contains(name),
                path.contains(name),
                "{level}: {message}"
            );
        }
    }
}
