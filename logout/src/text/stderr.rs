//! Lines on standard error, which may not be writable: a pipe that nobody reads, a stopped
//! terminal, a lock that a thread of the program holds.
//!
//! No writer waits for it. A line that cannot be written is counted, and the next one that can
//! reports the count.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::text::human::format_count;
use crate::text::prefix;

/// The longest line, its line feed included: a pipe takes so much at once (`PIPE_BUF` of Linux),
/// and is reported as writable when it has that much room.
const LONGEST: usize = 4_096;

/// Lines that were not written since the last one that was.
static LEFT_OUT: AtomicUsize = AtomicUsize::new(0);

/// Writes one line, or counts it as left out; returns whether it was written.
pub(crate) fn write(line: &str) -> bool {
    #[cfg(test)]
    if Silenced::holds() {
        return true;
    }
    let left_out = LEFT_OUT.swap(0, Ordering::Relaxed);
    let written = write_now(&text(line, left_out));
    if !written {
        LEFT_OUT.fetch_add(left_out.saturating_add(1), Ordering::Relaxed);
    }
    written
}

/// Counts a line that is not written.
pub(crate) fn leave_out() {
    LEFT_OUT.fetch_add(1, Ordering::Relaxed);
}

/// Returns the line as it is written, with the number of those left out before it.
fn text(line: &str, left_out: usize) -> String {
    const START: &str = "logout: ";
    let said = match left_out {
        0 => String::new(),
        1 => " (1 line was dropped before this one)".to_owned(),
        many => format!(
            " ({} lines were dropped before this one)",
            format_count(many as u64)
        ),
    };
    let cut = " …";
    let most = LONGEST.saturating_sub(START.len() + cut.len() + said.len() + 1);
    let kept = prefix(line, most);
    let cut = if kept.len() < line.len() { cut } else { "" };
    format!("{START}{kept}{cut}{said}\n")
}

/// Writes to the descriptor itself, past the standard library's lock, while it is reported as
/// writable. A line that nobody can ever read does not count as left out.
#[cfg(unix)]
fn write_now(text: &str) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::{Errno, write};

    const AT_ONCE: Timespec = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let descriptor = rustix::stdio::stderr();
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let mut polled = [PollFd::new(&descriptor, PollFlags::OUT)];
        match poll(&mut polled, Some(&AT_ONCE)) {
            Err(Errno::INTR) => continue,
            Err(_) | Ok(0) => return false,
            Ok(_) => {}
        }
        let gone = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
        if polled
            .iter()
            .any(|polled| polled.revents().intersects(gone))
        {
            // Writing to a pipe whose reader is gone may end the process by a signal.
            return true;
        }
        match write(descriptor, rest) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return false,
            Err(_) => return true,
        }
    }
    true
}

/// Writes on a thread, since writing may block, and gives it a moment; returns whether the line was
/// taken.
#[cfg(not(unix))]
fn write_now(text: &str) -> bool {
    use std::io::Write as _;
    use std::sync::atomic::AtomicBool;
    use std::sync::mpsc;
    use std::time::Duration;

    /// Longer than a line takes, so that the last one is there before the program ends.
    const WRITE_TIMEOUT: Duration = Duration::from_millis(100);
    static WRITING: AtomicBool = AtomicBool::new(false);

    if WRITING.swap(true, Ordering::Acquire) {
        return false;
    }
    let (done, is_done) = mpsc::channel();
    let text = text.to_owned();
    let thread = std::thread::Builder::new().name("logout-stderr".to_owned());
    let spawned = thread.spawn(move || {
        let _closed = std::io::stderr().write_all(text.as_bytes());
        WRITING.store(false, Ordering::Release);
        let _nobody_waits = done.send(());
    });
    if spawned.is_err() {
        WRITING.store(false, Ordering::Release);
        return false;
    }
    let _late = is_done.recv_timeout(WRITE_TIMEOUT);
    true
}

/// A guard: while it lives, this thread writes nothing here. A simulation would write the lines of
/// thousands of workers.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Silenced(());

#[cfg(test)]
thread_local! {
    static SILENCED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
impl Silenced {
    fn holds() -> bool {
        SILENCED.get() > 0
    }
}

#[cfg(test)]
impl Default for Silenced {
    fn default() -> Self {
        SILENCED.set(SILENCED.get() + 1);
        Self(())
    }
}

#[cfg(test)]
impl Drop for Silenced {
    fn drop(&mut self) {
        SILENCED.set(SILENCED.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, text};

    #[test]
    fn a_line_says_how_many_were_left_out_before_it() {
        assert_eq!(text("gone", 0), "logout: gone\n");
        assert_eq!(
            text("gone", 1),
            "logout: gone (1 line was dropped before this one)\n"
        );
        assert_eq!(
            text("gone", 1_204),
            "logout: gone (1,204 lines were dropped before this one)\n"
        );
    }

    proptest! {
        #[test]
        fn a_line_is_never_longer_than_a_pipe_takes_at_once(line in "[a-zé\u{1f525}]{0,5000}", left_out: usize) {
            let text = text(&line, left_out);
            prop_assert!(text.len() <= LONGEST && text.ends_with('\n'));
            prop_assert_eq!(text.contains('…'), !text.contains(&line));
        }
    }
}
