//! A program whose wall clock the test sets while it runs; its monotonic clock stays real.
//!
//! libfaketime (<https://github.com/wolfcw/libfaketime>) stands between the child and the C
//! library, and reads what the clock shows from a file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use super::process;

/// Where the child finds the file that sets its clock.
const FILE: &str = "LOGOUT_TEST_CLOCK";

/// A wall clock in a file.
#[derive(Debug)]
pub(crate) struct Clock {
    file: PathBuf,
}

impl Clock {
    /// Returns a clock of its own for this test that shows `time`. Without libfaketime returns `None` and
    /// prints that the test is skipped.
    pub(crate) fn showing(name: &str, time: SystemTime) -> Option<Self> {
        if faketime_library().is_none() {
            process::report_skipped("there is no libfaketime (Debian's package `faketime`)");
            return None;
        }
        let file = format!("logout-clock-{name}-{}", std::process::id());
        let clock = Self {
            file: std::env::temp_dir().join(file),
        };
        clock.set(time);
        Some(clock)
    }

    /// Returns the clock that this process was started under.
    pub(crate) fn of_child() -> Self {
        Self {
            file: std::env::var_os(FILE).unwrap().into(),
        }
    }

    /// Makes the child's clock show this time from now on.
    pub(crate) fn set(&self, time: SystemTime) {
        let offset = match time.duration_since(real_now(&self.file)) {
            Ok(ahead) => format!("+{}", ahead.as_secs()),
            Err(behind) => format!("-{}", behind.duration().as_secs()),
        };
        // In one step: the child reads the file whenever it looks at its clock.
        let written = self.file.with_extension("new");
        std::fs::write(&written, format!("{offset}\n")).unwrap();
        std::fs::rename(&written, &self.file).unwrap();
    }

    /// Returns a command that runs the test alone, under this clock.
    pub(crate) fn child(&self, test: impl Fn()) -> Command {
        let mut command = process::command(test);
        command
            .env(FILE, &self.file)
            .env("LD_PRELOAD", faketime_library().unwrap())
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        if std::env::var_os(FILE).is_none() {
            let _is_gone = std::fs::remove_file(&self.file);
        }
    }
}

/// Returns the time that the clock shows to a process without libfaketime.
fn real_now(file: &Path) -> SystemTime {
    let offset = std::env::var_os(FILE).and_then(|_| std::fs::read_to_string(file).ok());
    let offset: i64 = offset.map_or(0, |text| text.trim().parse().unwrap());
    let span = Duration::from_secs(offset.unsigned_abs());
    match offset {
        0.. => SystemTime::now() - span,
        _ => SystemTime::now() + span,
    }
}

/// Returns the library to load before the child, as the command `faketime` does.
fn faketime_library() -> Option<String> {
    let mut command = Command::new("faketime");
    let output = command.args(["-f", "+0", "printenv", "LD_PRELOAD"]);
    let output = output.output().ok()?;
    let library = String::from_utf8(output.stdout).ok()?;
    let library = library.trim();
    (output.status.success() && !library.is_empty()).then(|| library.to_owned())
}
