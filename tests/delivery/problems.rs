//! Problems, each identified by a call site and the shape of its message.

use std::time::Duration;

use logout::sandbox::{Platform, Sandbox};
use logout::stats::Reason;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;

logout! {
    struct Alerts {
        project_name: "problems",
        adapters: [Slack],
        ignore: [fingerprint: "ignored by name"],
    }
}

const LONG: Duration = Duration::from_secs(20);

struct Running {
    guard: logout::Guard<Alerts>,
    sandbox: Sandbox,
    _default: tracing::subscriber::DefaultGuard,
}

fn start() -> Running {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    Running {
        guard,
        sandbox,
        _default,
    }
}

impl Running {
    fn told(&self) -> Vec<String> {
        self.guard.handle().flush(LONG).unwrap();
        let inbox = self.sandbox.inbox();
        inbox
            .iter()
            .filter(|message| message.platform() == Platform::Slack)
            .map(|message| message.text().to_owned())
            .collect()
    }
}

/// Returns the fingerprint that a message ends with.
fn fingerprint(text: &str) -> &str {
    let at = text.rfind('#').unwrap();
    let digits = text[at + 1..].find(|c: char| !c.is_ascii_hexdigit());
    &text[at..digits.map_or(text.len(), |end| at + 1 + end)]
}

/// Logs all errors of a program at one place, as many a web service does.
fn log_error(error: &(dyn std::error::Error + 'static)) {
    tracing::error!(error, "request failed");
}

#[test]
fn both_texts_of_a_central_handler_are_read_though_one_came_once() {
    let running = start();
    for request in 0..200 {
        log_error(&std::io::Error::other(format!(
            "upstream timed out after {request} ms"
        )));
        if request == 100 {
            log_error(&std::io::Error::other("relation \"orders\" does not exist"));
        }
    }
    let told = running.told();
    let rare = "relation \"orders\" does not exist";
    assert!(told.iter().any(|text| text.contains("upstream timed out")));
    assert!(told.iter().any(|text| text.contains(rare)), "{told:#?}");
    let lane = account::lane(&running.guard.handle().stats(), "slack").clone();
    assert_eq!((lane.accepted, lane.delivered), (201, 201));
}

#[test]
fn one_problem_of_a_call_site_is_muted_and_the_other_is_told() {
    let running = start();
    let timeout = std::io::Error::other("timeout");
    log_error(&timeout);
    let told = running.told();
    let muted = fingerprint(&told[0]);
    assert_eq!(muted.len(), 7, "{muted}");
    let control = running.guard.handle();
    control.mute(muted, LONG).unwrap();
    log_error(&timeout);
    log_error(&std::io::Error::other("card declined"));
    assert_eq!(running.told().len(), 2);
    let stats = control.stats();
    let discarded = &account::lane(&stats, "slack").discarded;
    assert_eq!(discarded.get(Reason::Muted), 1);
    control.unmute(muted).unwrap();
    log_error(&timeout);
    assert_eq!(running.told().len(), 3);
}

#[test]
fn what_a_call_site_says_too_much_of_is_told_together_with_its_texts() {
    let running = start();
    let words = [
        "ada", "bob", "cleo", "dan", "eve", "finn", "gus", "hal", "ivy", "jo",
    ];
    for name in words {
        tracing::error!("login of {name} failed");
        running.told();
    }
    let told = running.told();
    let names: std::collections::HashSet<_> = told.iter().map(|text| fingerprint(text)).collect();
    assert_eq!((told.len(), names.len()), (10, 9), "{told:#?}");
    // The last two are one problem, which shows its texts where several are in one message.
    assert_eq!(fingerprint(&told[8]), fingerprint(&told[9]));
}

#[test]
fn a_problem_that_the_program_names_is_ignored_by_its_name() {
    let running = start();
    tracing::error!(fingerprint = "ignored by name", "disk is full");
    tracing::error!(fingerprint = "another name", "disk is full");
    assert_eq!(running.told().len(), 1);
}

#[test]
fn what_is_no_fingerprint_is_refused_and_the_error_says_why() {
    let running = start();
    let control = running.guard.handle();
    for (text, why) in [
        ("#3fa9", "four digits, which messages showed before"),
        ("3f", "two digits are too few"),
        ("the noisy one", "six to sixteen hexadecimal digits"),
    ] {
        for refused in [control.mute(text, LONG), control.unmute(text)] {
            let refused = refused.unwrap_err();
            assert!(refused.is_config());
            assert!(refused.to_string().contains(why), "{refused}");
        }
    }
}
