//! The transport of a running logout: warnings at its start, and files that `reload` reads again.
//!
//! Each test runs itself once more, in a process with variables of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use logout::transport::{Surf, Wire};
use logout::{AlertsLayer, Builder, Guard, Slack, logout};
use tracing_subscriber::Registry;
use tracing_subscriber::prelude::*;

use crate::certificates::{Authority, BOTH, answer};
use crate::server::{Server, TIMEOUT};

logout! { struct Alerts { adapters: [Slack] } }

type Start = fn(Builder<Alerts>) -> (AlertsLayer<Alerts, Registry>, Guard<Alerts>);

const STARTS: [Start; 2] = [
    |alerts| alerts.transport(Wire::new()).start().unwrap(),
    |alerts| alerts.transport(Surf::new()).start().unwrap(),
];

const INNER: &str = "LOGOUT_TEST_INNER";

/// Runs the test once more with these variables, as the inner process.
fn inner(test: &str, variables: &[(&str, &str)]) -> Output {
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", "--nocapture", test]).env(INNER, "");
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        inner.env_remove(name).env_remove(name.to_uppercase());
    }
    inner.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
    inner.envs(variables.iter().copied());
    inner.output().unwrap()
}

fn is_inner() -> bool {
    std::env::var_os(INNER).is_some()
}

fn scratch(name: &str) -> PathBuf {
    let name = format!("{name}-{}.pem", std::process::id());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Waits until the only lane has sent so many requests.
fn wait_for_requests(guard: &Guard<Alerts>, requests: u64) {
    let begin = Instant::now();
    while guard.handle().stats().lanes[0].requests < requests {
        assert!(begin.elapsed() < TIMEOUT, "{}", guard.handle().stats());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Renews the authority while an event waits for it, in the inner process.
fn renew() {
    let [file, old, new] = ["SSL_CERT_FILE", "OLD", "NEW"].map(|name| std::env::var(name).unwrap());
    for start in STARTS {
        std::fs::copy(&old, &file).unwrap();
        let (alerts, guard) = start(Alerts::from_env().unwrap());
        let subscriber = tracing_subscriber::registry().with(alerts);
        tracing::subscriber::with_default(subscriber, || tracing::error!("broken"));
        // The second is made once the first has read the file and was refused.
        wait_for_requests(&guard, 2);
        std::fs::copy(&new, &file).unwrap();
        guard.handle().reload().unwrap();
        guard.handle().flush(TIMEOUT).unwrap();
        let stats = guard.handle().stats();
        assert_eq!(stats.lanes[0].delivered, 1, "{stats}");
    }
}

#[test]
fn a_renewed_authority_is_read_again_by_reload() {
    if is_inner() {
        return renew();
    }
    let (old, new) = (Authority::new("ours"), Authority::new("ours"));
    let config = new.certify(&["localhost"], BOTH, |_| {});
    let server = Server::start_tls(config, answer);
    let files = ["named", "old", "new"].map(scratch);
    std::fs::write(&files[1], &old.pem).unwrap();
    std::fs::write(&files[2], &new.pem).unwrap();
    let [named, older, newer] = files.each_ref().map(|file| file.to_str().unwrap());
    let output = inner(
        "running_logout::a_renewed_authority_is_read_again_by_reload",
        &[
            ("SSL_CERT_FILE", named),
            ("OLD", older),
            ("NEW", newer),
            ("SLACK_WEBHOOK_URL", server.https("localhost").as_str()),
        ],
    );
    for file in &files {
        std::fs::remove_file(file).unwrap();
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("an older authority of that name"), "{said}");
}

#[test]
fn odd_exceptions_are_said_when_it_starts() {
    if is_inner() {
        for start in STARTS {
            drop(start(Alerts::from_env().unwrap()));
        }
        return;
    }
    let test = "running_logout::odd_exceptions_are_said_when_it_starts";
    let slack = (
        "SLACK_WEBHOOK_URL",
        "https://hooks.slack.com/services/T0/B0/x",
    );
    let odd = ("NO_PROXY", "localhost,10.0.0.0/33");
    let proxy = ("https_proxy", "http://127.0.0.1:1");
    let told = |output: &Output| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.matches("of NO_PROXY is ignored: `10.0.0.0/33` is not a host")
            .count()
    };
    assert_eq!(told(&inner(test, &[slack, odd, proxy])), 2);
    // Without a proxy there is nothing to except from it.
    assert_eq!(told(&inner(test, &[slack, odd])), 0);
}
