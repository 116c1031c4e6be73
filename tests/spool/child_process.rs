//! A child process with a spool directory, and the messages of its chat.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::stats::SpoolState;
use logout::{Dispatch, Guard};

use crate::support::process::command;
use crate::support::{Started, TIMEOUT};

/// A directory for one test.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("logout-kept-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _absent = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _absent = std::fs::remove_dir_all(&self.0);
    }
}

/// Spawns the process of the test of this name.
pub(crate) fn spawn_child(
    test: impl Fn(),
    sandbox: &Sandbox,
    directory: &Path,
    variables: &[(&str, String)],
) -> Child {
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    command(test)
        .env("SLACK_WEBHOOK_URL", url)
        .env("LOGOUT_SPOOL", directory)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the process prints that it is ready, and returns its later lines, which the caller has to
/// read.
pub(crate) fn wait_for_ready(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("ready")));
    lines.map_while(Result::ok)
}

/// Waits until the log contains this text.
pub(crate) fn wait_for_log(directory: &Path, text: &str) {
    let start = Instant::now();
    loop {
        let log = std::fs::read(directory.join("log")).unwrap_or_default();
        if log
            .windows(text.len())
            .any(|window| window == text.as_bytes())
        {
            return;
        }
        assert!(start.elapsed() < TIMEOUT, "{text} is not in the log");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the spool is in this state.
pub(crate) fn wait_for_state<D: Dispatch>(guard: &Guard<D>, state: SpoolState) {
    let (handle, start) = (guard.handle(), Instant::now());
    while handle.stats().spool.unwrap().state != state {
        assert!(start.elapsed() < TIMEOUT, "{:?}", handle.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the spool is open and what an earlier process left is with the lanes. A flush and a shutdown do not
/// wait for a slow disk.
pub(crate) fn wait_until_open<D: Dispatch>(guard: &Guard<D>) {
    let (handle, start) = (guard.handle(), Instant::now());
    loop {
        match handle.stats().spool.unwrap().state {
            SpoolState::Ready => return,
            // A child of another test may have had the lock. A check tries the disk again at once.
            SpoolState::Failed => drop(handle.verify(TIMEOUT)),
            _ => {}
        }
        assert!(start.elapsed() < TIMEOUT, "{:?}", handle.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns what was started once its spool is open.
pub(crate) fn opened<D: Dispatch>(started: Started<D>) -> Started<D> {
    wait_until_open(&started.1);
    started
}

/// Waits until the worker has handed over what is to be written by now, and the disk has it. The first answer may come
/// before it is handed over, and not the second.
pub(crate) fn wait_until_written<D: Dispatch>(guard: &Guard<D>) {
    for _ in 0..2 {
        let findings = guard.handle().verify(TIMEOUT).unwrap();
        let found = findings.last().unwrap().to_string();
        assert!(found.contains("what waits is kept in"), "{found}");
    }
}

/// Kills the process of this test once its log contains this text.
pub(crate) fn kill_once_kept(test: impl Fn(), sandbox: &Sandbox, directory: &Path, text: &str) {
    let mut child = spawn_child(test, sandbox, directory, &[]);
    let _said = wait_for_ready(&mut child);
    wait_for_log(directory, text);
    child.kill().unwrap();
    child.wait().unwrap();
}

pub(crate) fn texts(sandbox: &Sandbox) -> Vec<String> {
    let inbox = sandbox.inbox();
    inbox
        .iter()
        .map(|message| message.text().to_owned())
        .collect()
}
