//! Other layers beside logout, which silences none of them and needs none of them.

use std::io;
use std::sync::{Arc, Mutex};

use logout::sandbox::{Platform, Sandbox};
use logout::{Slack, logout};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::support::{TIMEOUT, only_message};

logout! {
    struct Alerts { level: ERROR, adapters: [Slack] }
}

/// A buffer that a `fmt` layer writes to.
#[derive(Clone, Default)]
struct Terminal(Arc<Mutex<Vec<u8>>>);

impl Terminal {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> fmt::MakeWriter<'w> for Terminal {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[test]
fn a_terminal_beside_it_hears_every_level_and_a_quiet_one_takes_nothing_away() {
    let sandbox = Sandbox::start().unwrap();
    let (loud, quiet) = (Terminal::default(), Terminal::default());
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry()
        .with(
            fmt::layer()
                .with_ansi(false)
                .with_writer(loud.clone())
                .with_filter(LevelFilter::TRACE),
        )
        .with(alerts)
        .with(
            fmt::layer()
                .with_writer(quiet.clone())
                .with_filter(LevelFilter::OFF),
        );
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!("request", id = 7).entered();
        tracing::trace!("a cat walked in");
        tracing::warn!("the shelf is almost empty");
        tracing::error!("payment failed");
    });
    guard.handle().flush(TIMEOUT).unwrap();

    let text = loud.text();
    for line in [
        "a cat walked in",
        "the shelf is almost empty",
        "payment failed",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(quiet.text(), "");
    let message = only_message(&sandbox, Platform::Slack);
    assert!(message.text().contains("payment failed"), "{message}");
    assert!(message.text().contains("request{id=7}"), "{message}");
    assert!(!message.text().contains("shelf"), "{message}");
}

#[test]
fn a_quiet_terminal_does_not_hide_the_spans() {
    let sandbox = Sandbox::start().unwrap();
    let terminal = Terminal::default();
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(alerts).with(
        fmt::layer()
            .with_ansi(false)
            .with_writer(terminal.clone())
            .with_filter(LevelFilter::ERROR),
    );
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!("request", id = 7).entered();
        tracing::info!("fine");
        tracing::error!("payment failed");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    assert!(!terminal.text().contains("fine"));
    let message = only_message(&sandbox, Platform::Slack);
    assert!(message.text().contains("request{id=7}"), "{message}");
}
