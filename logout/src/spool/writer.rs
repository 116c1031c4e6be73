//! The thread that owns a log.
//!
//! The worker hands it records and goes on; they are collected while the thread is busy. What was
//! written outlives the process. To outlive a power failure takes `fdatasync`, which runs on
//! another thread, since it can take seconds.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Context;
use std::thread;
use std::time::{Duration, Instant};

use self::state::WriterState;
pub(crate) use self::state::{Health, Sync};
use super::directory::LockedDirectory;
use super::image::Image;
use super::log::{Log, Opened};
use crate::event::ReentryGuard;

mod state;

/// How many bytes may wait for the disk, besides the batch being written, before no more are
/// accepted.
const MOST_PENDING: usize = 1 << 20;

/// How often a failed directory is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(30);

/// The longest log that is read, unless the lanes may hold much more than by default.
const LEAST_LONGEST: u64 = 64 << 20;

/// A handle to the thread that writes a log, which ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<SharedWriter>,
    process: u32,
}

#[derive(Debug)]
struct SharedWriter {
    state: Mutex<WriterState>,
    /// Wakes the thread.
    work: Condvar,
    /// Wakes the threads that wait for it.
    done: Condvar,
    retry_every: Duration,
    /// A longer log is not read, in bytes.
    longest: u64,
}

impl Writer {
    /// Starts the thread that opens the log in this directory, for lanes that hold at most `most`
    /// bytes.
    pub(crate) fn start(directory: PathBuf, most: usize) -> Self {
        Self::start_with(directory, most, RETRY_EVERY)
    }

    pub(crate) fn start_with(directory: PathBuf, most: usize, retry_every: Duration) -> Self {
        // The log never grows to half of that.
        let longest = (most as u64).saturating_mul(16).max(LEAST_LONGEST);
        let shared = Arc::new(SharedWriter {
            state: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
            retry_every,
            longest,
        });
        let its = Arc::clone(&shared);
        let thread = thread::Builder::new().name("logout-spool".to_owned());
        let spawned = thread.spawn(move || {
            // Events logged by the thread itself would come back to it.
            let _silence = ReentryGuard::enter();
            let run = || its.run(&directory);
            if catch_unwind(AssertUnwindSafe(run)).is_err() {
                its.fail("its thread panicked");
            }
            its.end();
        });
        if let Err(why) = spawned {
            shared.fail(&format!("no thread can be had: {why}"));
            shared.end();
        }
        let process = std::process::id();
        Self { shared, process }
    }

    /// Hands over records; returns the number of their batch, or `None` if the disk cannot be
    /// written.
    pub(crate) fn put(&self, records: &[u8], sync: Sync) -> Option<u64> {
        let mut state = self.shared.lock();
        if state.health != Health::Ready || state.has_ended {
            return None;
        }
        if !records.is_empty() {
            state.records.extend_from_slice(records);
            state.handed += 1;
        }
        state.sync = state.sync.max(sync);
        let number = state.handed;
        drop(state);
        self.shared.work.notify_one();
        Some(number)
    }

    /// Returns whether more records can be handed over: not while the disk is behind, which would
    /// take memory without end.
    pub(crate) fn accepts_records(&self) -> bool {
        let state = self.shared.lock();
        let is_ready = state.health == Health::Ready && !state.has_ended;
        is_ready && state.records.len() < MOST_PENDING
    }

    /// Requests a write check of the disk; returns the number of the request.
    #[cfg(feature = "verify")]
    pub(crate) fn request_check(&self) -> u64 {
        let mut state = self.shared.lock();
        state.checks_requested += 1;
        let number = state.checks_requested;
        if state.has_ended {
            state.checks_done = number;
        }
        drop(state);
        self.shared.work.notify_one();
        number
    }

    /// Returns the number of the last such request that [`Health`] answers.
    #[cfg(feature = "verify")]
    pub(crate) fn last_check(&self) -> u64 {
        self.shared.lock().checks_done
    }

    /// Takes the contents that were read from disk.
    pub(crate) fn take_image(&self) -> Option<Image> {
        self.shared.lock().image.take()
    }

    /// Requests that the log is read again, for [`Self::take_image`].
    pub(crate) fn read_again(&self) {
        self.shared.lock().reads_again = true;
        self.shared.work.notify_one();
    }

    /// Takes the notices for the operator.
    pub(crate) fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().notes)
    }

    pub(crate) fn health(&self) -> Health {
        self.shared.lock().health.clone()
    }

    /// Returns how often written records were lost.
    pub(crate) fn failures(&self) -> u64 {
        self.shared.lock().failures
    }

    /// Returns the number of the last batch that was written.
    pub(crate) fn written(&self) -> u64 {
        self.shared.lock().written
    }

    /// Returns the length of the log in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.shared.lock().length
    }

    /// Sets the task to wake when something changes.
    pub(crate) fn set_waker(&self, cx: &Context<'_>) {
        self.shared.lock().worker = Some(cx.waker().clone());
    }

    /// Waits until all records are written, and with `is_synced` synced; returns whether they were
    /// written.
    pub(crate) fn wait(&self, is_synced: bool, deadline: Instant) -> bool {
        let is_done = |state: &WriterState| {
            let known = if is_synced {
                state.synced
            } else {
                state.written
            };
            known >= state.handed || state.health != Health::Ready || state.has_ended
        };
        let state = self.shared.wait(deadline, is_done);
        state.health == Health::Ready && state.written >= state.handed
    }

    /// Waits until the log is open, or has failed.
    #[cfg(test)]
    pub(crate) fn wait_until_open(&self, deadline: Instant) {
        let _state = self
            .shared
            .wait(deadline, |state| state.health != Health::Opening);
    }

    /// Ends the thread, and waits for it until the deadline.
    pub(crate) fn end(&self, deadline: Instant) {
        self.shared.lock().ends = true;
        self.shared.work.notify_one();
        let _state = self.shared.wait(deadline, |state| state.has_ended);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // A forked child does not have the thread, which may have held this lock there for ever.
        if std::process::id() != self.process {
            return;
        }
        self.shared.lock().ends = true;
        self.shared.work.notify_one();
    }
}

impl SharedWriter {
    fn run(self: &Arc<Self>, path: &Path) {
        let mut held = None;
        while let Err(why) = self.use_directory(path, &mut held) {
            self.fail(&why.to_string());
            if !self.pause() {
                return;
            }
        }
    }

    /// Opens the log and writes to it until the end or an error. The directory stays locked after
    /// an error: its groups are still this process's to send.
    fn use_directory(
        self: &Arc<Self>,
        path: &Path,
        held: &mut Option<LockedDirectory>,
    ) -> io::Result<()> {
        let directory = match held.take().filter(LockedDirectory::is_in_place) {
            Some(directory) => directory,
            None => LockedDirectory::open_when_free(path, || self.lock().ends)?,
        };
        let opened = Log::open(held.insert(directory), self.longest)?;
        let mut log = self.note_opened(opened);
        let written = self.write(&mut log);
        if written.is_err() {
            log.mark_doubtful();
        }
        written
    }

    fn note_opened(&self, opened: Opened) -> Log {
        let Opened { log, image, note } = opened;
        let mut state = self.lock();
        state.notes.extend(note);
        // At a later try the log holds only groups of this process, which still has them.
        if !std::mem::replace(&mut state.was_open, true) {
            state.image = Some(image);
        }
        state.length = log.length();
        // Records of before are lost with the log, and are handed over again.
        state.written = state.handed;
        state.synced = state.handed;
        state.health = Health::Ready;
        self.notify_all(state);
        log
    }

    /// Waits before the next try; returns whether there is to be one.
    fn pause(&self) -> bool {
        let until = Instant::now() + self.retry_every;
        let mut state = self.lock();
        while !state.ends && state.checks_requested <= state.checks_done {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            state = wait_on(&self.work, state, left);
        }
        !state.ends
    }

    /// Writes records until the end or an error.
    fn write(self: &Arc<Self>, log: &mut Log) -> io::Result<()> {
        loop {
            let mut state = self.lock();
            let is_over = loop {
                if let Health::Failed(why) = &state.health {
                    return Err(io::Error::other(why.clone()));
                }
                if state.reads_again
                    || state.checks_requested > state.checks_done
                    || !state.records.is_empty()
                    || state.wants_sync_at(Instant::now())
                {
                    break false;
                }
                if state.ends {
                    break true;
                }
                let left = state.sync_in(Instant::now());
                state = wait_on(&self.work, state, left);
            };
            if is_over {
                return Ok(());
            }
            let reads_again = std::mem::take(&mut state.reads_again);
            let records = std::mem::take(&mut state.records);
            let number = state.handed;
            let checks_requested =
                (state.checks_requested > state.checks_done).then_some(state.checks_requested);
            drop(state);
            // Before the records handed over since, which their owner still has.
            let image = reads_again.then(|| log.read()).transpose()?;
            if !records.is_empty() {
                log.append(&records)?;
                let mut state = self.lock();
                state.written = number;
                state.length = log.length();
                self.notify_all(state);
                if let Some(note) = log.compact_if_needed()? {
                    self.lock().notes.push(note);
                }
            }
            if let Some(checks_requested) = checks_requested {
                // An empty append, which is written and synced nevertheless.
                log.append(&[])?;
                log.file()?.sync_data()?;
                let mut state = self.lock();
                state.checks_done = checks_requested;
                state.length = log.length();
                self.notify_all(state);
            }
            if image.is_some() {
                let mut state = self.lock();
                state.image = image;
                self.notify_all(state);
            }
            self.sync_if_due(log)?;
        }
    }

    /// Syncs the file if it is time to, on another thread, because that may take seconds.
    fn sync_if_due(self: &Arc<Self>, log: &Log) -> io::Result<()> {
        let now = Instant::now();
        let mut state = self.lock();
        if !state.wants_sync_at(now) {
            return Ok(());
        }
        state.sync = Sync::Never;
        state.is_syncing = true;
        state.last_sync = Some(now);
        let number = state.written;
        drop(state);
        let (its, file) = (Arc::clone(self), log.file()?);
        let sync = move || {
            let synced = file.sync_data();
            let mut state = its.lock();
            state.is_syncing = false;
            match synced {
                Ok(()) => state.synced = state.synced.max(number),
                Err(why) => state.note_failure(&why.to_string()),
            }
            its.notify_all(state);
            its.work.notify_one();
        };
        let thread = thread::Builder::new().name("logout-sync".to_owned());
        if let Err(why) = thread.spawn(sync) {
            self.lock().is_syncing = false;
            return Err(why);
        }
        Ok(())
    }

    fn fail(&self, why: &str) {
        let mut state = self.lock();
        state.note_failure(why);
        self.notify_all(state);
    }

    fn end(&self) {
        let mut state = self.lock();
        state.has_ended = true;
        state.checks_done = state.checks_requested;
        self.notify_all(state);
    }

    /// Wakes everybody who waits for a change.
    fn notify_all(&self, mut state: MutexGuard<'_, WriterState>) {
        let worker = state.worker.take();
        drop(state);
        self.done.notify_all();
        if let Some(worker) = worker {
            worker.wake();
        }
    }

    fn wait(
        &self,
        deadline: Instant,
        is_done: impl Fn(&WriterState) -> bool,
    ) -> MutexGuard<'_, WriterState> {
        let mut state = self.lock();
        while !is_done(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = wait_on(&self.done, state, left);
        }
        state
    }

    fn lock(&self) -> MutexGuard<'_, WriterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait_on<'s>(
    on: &Condvar,
    state: MutexGuard<'s, WriterState>,
    timeout: Duration,
) -> MutexGuard<'s, WriterState> {
    on.wait_timeout(state, timeout)
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

#[cfg(test)]
#[cfg(not(miri))]
mod tests;
