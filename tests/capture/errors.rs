//! Errors in messages: their text, their causes and their fields.

use std::error::Error;
use std::fmt;

use logout::sandbox::{Platform, Sandbox};
use logout::{Slack, logout};

use crate::support::{only_message, run_and_flush};

logout! {
    struct Alerts { adapters: [Slack] }
}

/// An error with a cause, or without.
#[derive(Debug)]
struct Failure(&'static str, Option<Box<Failure>>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

fn declined() -> Failure {
    let reset = Failure("connection reset by peer", None);
    let gateway = Failure("gateway answered 402", Some(Box::new(reset)));
    Failure("card declined", Some(Box::new(gateway)))
}

fn logged(work: impl FnOnce()) -> Sandbox {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    run_and_flush(alerts.start().unwrap(), work);
    sandbox
}

/// Asserts that a lock screen shows this, and then only the project.
fn assert_head(sandbox: &Sandbox, head: &str) {
    let message = only_message(sandbox, Platform::Slack);
    let notification = &message.details().slack().unwrap().notification;
    let rest = notification.strip_prefix(head);
    assert!(
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" · ")),
        "{notification}"
    );
}

#[test]
fn an_event_without_a_message_is_headed_by_its_error() {
    #[tracing::instrument(err)]
    fn charge() -> Result<(), Failure> {
        Err(declined())
    }
    let sandbox = logged(|| {
        assert!(charge().is_err());
    });
    assert_head(&sandbox, "🔥 card declined");
    let message = only_message(&sandbox, Platform::Slack);
    assert!(message.text().contains("charge"), "{message}");
}

#[test]
fn an_error_beside_a_message_ends_the_headline() {
    let sandbox = logged(|| {
        let error = declined();
        tracing::error!(error = &error as &dyn Error, "payment failed");
    });
    assert_head(&sandbox, "🔥 payment failed: card declined");
}

#[test]
fn the_chain_of_causes_is_told_outermost_first() {
    let sandbox = logged(|| {
        let error = declined();
        tracing::error!(error = &error as &dyn Error, "payment failed");
    });
    let message = only_message(&sandbox, Platform::Slack);
    assert!(
        message
            .text()
            .contains("caused by: gateway answered 402\ncaused by: connection reset by peer"),
        "{message}"
    );
}

#[test]
fn an_error_that_repeats_the_message_is_told_once() {
    let sandbox = logged(|| {
        let error = declined();
        tracing::error!(error = &error as &dyn Error, "payment failed: {error}");
    });
    assert_head(&sandbox, "🔥 payment failed: card declined");
}
