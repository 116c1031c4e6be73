//! A process that logs and ends, and what it leaves.

use std::collections::BTreeMap;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use logout::sandbox::{Message, Sandbox};

use super::account;

/// The outcome of a process that ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) took: Duration,
    pub(crate) inbox: Vec<Message>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    told: BTreeMap<String, u64>,
}

/// Starts a process that sends to the Slack of this sandbox.
pub(crate) fn spawn(command: &mut Command, sandbox: &Sandbox) -> Child {
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    command
        .env("LOGOUT_SLACK__URL", url)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits for its end.
pub(crate) fn wait(child: Child, sandbox: &Sandbox, way: &str) -> Ended {
    let (start, process) = (Instant::now(), child.id());
    let watch = std::thread::spawn(move || account::peak_memory(process));
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let inbox = sandbox.inbox();
    let ended = Ended {
        status: output.status,
        took: start.elapsed(),
        told: account::events_by_site(&account::without_reports(&inbox)),
        inbox,
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    };
    println!(
        "{way}: {} after {:.1?}; told {:?}, reported {}, said {}; peak memory {} KiB\n{}",
        ended.status,
        ended.took,
        ended.told,
        ended.events_reported_lost(),
        account::events_lost_by_stderr(&ended.stderr),
        watch.join().unwrap(),
        ended.stderr
    );
    ended
}

impl Ended {
    /// Returns how many events reports in the chat say were lost.
    pub(crate) fn events_reported_lost(&self) -> u64 {
        self.inbox.iter().map(account::events_reported_lost).sum()
    }

    /// Returns whether a message with this text arrived.
    pub(crate) fn has_message(&self, text: &str) -> bool {
        let mut inbox = self.inbox.iter();
        inbox.any(|message| message.text().contains(text))
    }

    /// Asserts that every event of these sites arrived, once, and no other.
    #[track_caller]
    pub(crate) fn assert_told(&self, expected: &[(&str, u64)]) {
        let expected = expected
            .iter()
            .map(|(site, events)| ((*site).to_owned(), *events));
        assert_eq!(self.told, expected.collect(), "{}", self.stderr);
        assert_eq!(
            (
                self.events_reported_lost(),
                account::events_lost_by_stderr(&self.stderr)
            ),
            (0, 0)
        );
    }

    /// Asserts that every event of these sites arrived or was reported as lost, in the chat or on
    /// standard error, once.
    #[track_caller]
    pub(crate) fn assert_accounted(&self, logged: &[(&str, u64)]) {
        for (site, told) in &self.told {
            let logged = logged.iter().find(|(known, _)| known == site);
            let logged = logged.map(|(_, events)| *events);
            assert!(
                logged.is_some_and(|logged| *told <= logged),
                "{site}: {told} of {logged:?}"
            );
        }
        let told: u64 = self.told.values().sum();
        let lost = self.events_reported_lost() + account::events_lost_by_stderr(&self.stderr);
        let logged: u64 = logged.iter().map(|(_, events)| events).sum();
        assert_eq!(told + lost, logged, "{}", self.stderr);
        assert_eq!(
            account::without_possible_repeats(self.inbox.clone()).len(),
            self.inbox.len()
        );
    }

    /// Asserts that this signal ended the process.
    #[track_caller]
    pub(crate) fn assert_signal(&self, signal: i32) {
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&self.status),
            Some(signal)
        );
        #[cfg(not(unix))]
        assert!(!self.status.success(), "instead of signal {signal}");
    }
}
