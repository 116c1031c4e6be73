//! Tests that need a process of their own: the environment and the working directory of one with
//! threads cannot be changed safely.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output};

use super::emitted::{FOLDER, record};

/// Tells the child that it is one.
const MARK: &str = "LOGOUT_TEST_CHILD";

/// Returns the name by which the test runner knows this function: its path without the crate.
fn test_name<F: Fn()>(_: F) -> &'static str {
    let path = std::any::type_name::<F>();
    path.split_once("::").map_or(path, |(_, name)| name)
}

/// Returns whether this process was started by [`child`] for this test.
pub(crate) fn is_child(test: impl Fn()) -> bool {
    std::env::var_os(MARK).is_some_and(|marked| marked == test_name(test))
}

/// Runs this test in a process of its own, unless this is one; returns whether it is.
pub(crate) fn is_alone(test: impl Fn() + Copy) -> bool {
    if !is_child(test) {
        print!("{}", child_output(&child::<&str>(test, &[])));
        return false;
    }
    true
}

/// Runs this test once more, alone and in an empty environment but for `variables`.
pub(crate) fn child<V: AsRef<OsStr>>(test: impl Fn(), variables: &[(&str, V)]) -> Output {
    let mut command = command(test);
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    record(&output.stdout);
    record(&output.stderr);
    output
}

/// Returns a command that starts the child of this test.
pub(crate) fn command(test: impl Fn()) -> Command {
    let test = test_name(test);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env_clear()
        // Where the system's libraries are found stays as it is.
        .envs(std::env::vars_os().filter(|(name, _)| is_kept(name)))
        .env(MARK, test);
    command
}

fn is_kept(variable: &OsStr) -> bool {
    ["PATH", "LD_LIBRARY_PATH", FOLDER]
        .iter()
        .any(|kept| variable == *kept)
}

/// Returns the child's output; fails with its errors if it failed.
pub(crate) fn child_output(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(!text.contains("running 0 tests"), "it ran nothing: {text}");
    text
}

/// Returns the names of this process's threads that begin with `name`, where the system lists them.
pub(crate) fn threads(name: &str) -> Option<Vec<String>> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let names = tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|comm| comm.trim_end().to_owned())
        .filter(|comm| comm.starts_with(name));
    Some(names.collect())
}

/// Prints that a test is skipped, and why; fails where that is forbidden.
pub(crate) fn report_skipped(why: &str) {
    assert!(
        std::env::var_os("LOGOUT_NO_SKIP").is_none(),
        "a test may not be skipped here: {why}"
    );
    // Past the capture of the test runner: whoever runs the tests is to see it.
    let _unseen = writeln!(std::io::stderr(), "skipped: {why}");
}

/// A process that runs until it is told to end, its output and errors piped.
pub(crate) struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn of(mut child: Child) -> Self {
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Returns the next line that the child prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Asks it to end as a supervisor does, and waits for its end.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let kill = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(kill.unwrap().success());
        self.child.wait().unwrap()
    }

    /// Returns what the child wrote to standard error until it ended.
    pub(crate) fn errors(&mut self) -> String {
        let mut text = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
