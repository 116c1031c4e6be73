//! Tests that need a process of their own: the environment and the working directory of one with
//! threads cannot be changed safely.

use std::ffi::OsStr;
use std::process::{Command, Output};

/// Tells the child that it is one.
const MARK: &str = "LOGOUT_TEST_CHILD";

/// Whether this process was started by [`child`] for the test of this name.
pub(crate) fn is_child(test: &str) -> bool {
    std::env::var_os(MARK).is_some_and(|name| name == test)
}

/// Runs the test of this name once more, alone and in an empty environment but for `variables`.
pub(crate) fn child<V: AsRef<OsStr>>(test: &str, variables: &[(&str, V)]) -> Output {
    let mut command = command(test);
    for (name, value) in variables {
        command.env(name, value);
    }
    command.output().unwrap()
}

/// The same, to be started as its test wants.
pub(crate) fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env_clear()
        // Where the system's libraries are found stays as it is.
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "LD_LIBRARY_PATH"))
        .env(MARK, test);
    command
}

/// What the child printed; fails with its errors if it failed.
pub(crate) fn told(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    text
}

/// The names of this process's threads that begin with `name`, where the system lists them.
pub(crate) fn threads(name: &str) -> Option<Vec<String>> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let names = tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|comm| comm.trim_end().to_owned())
        .filter(|comm| comm.starts_with(name));
    Some(names.collect())
}

/// Says aloud that a test could not do its work; fails where that is forbidden.
pub(crate) fn skipped(why: &str) {
    assert!(
        std::env::var_os("LOGOUT_NO_SKIP").is_none(),
        "a test may not be skipped here: {why}"
    );
    eprintln!("skipped: {why}");
}
