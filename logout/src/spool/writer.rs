//! The thread that owns a log.
//!
//! The worker hands it records and goes on; while the thread is busy they gather. What was written
//! outlives the process; that the machine may lose power is a matter of `fdatasync`, which runs beside
//! the writing, since it can take seconds.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Context;
use std::thread;
use std::time::{Duration, Instant};

use self::state::State;
pub(crate) use self::state::{Health, Sync};
use super::directory::Directory;
use super::image::Image;
use super::log::{Log, Opened};
use crate::event::ReentryGuard;

mod state;

/// How many bytes wait for a disk at most, but for one batch, before nothing more is handed over.
const BEHIND: usize = 1 << 20;

/// How often a directory is tried again that cannot be used.
const RETRY_EVERY: Duration = Duration::from_secs(30);

/// The longest log that is read, unless lanes may hold much more than they do unless set.
const LEAST_LONGEST: u64 = 64 << 20;

/// Writes a log on a thread of its own, until it is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<Shared>,
    process: u32,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Wakes the thread.
    work: Condvar,
    /// Wakes those who wait for it.
    done: Condvar,
    retry_every: Duration,
    /// A log of more bytes is not read.
    longest: u64,
}

impl Writer {
    /// Starts the thread that opens the log in this directory, for lanes that hold at most this many
    /// bytes.
    pub(crate) fn start(directory: PathBuf, most: usize) -> Self {
        Self::start_with(directory, most, RETRY_EVERY)
    }

    pub(crate) fn start_with(directory: PathBuf, most: usize, retry_every: Duration) -> Self {
        // What it ever grows to is less than half of that.
        let longest = (most as u64).saturating_mul(16).max(LEAST_LONGEST);
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
            retry_every,
            longest,
        });
        let its = Arc::clone(&shared);
        let thread = thread::Builder::new().name("logout-spool".to_owned());
        let spawned = thread.spawn(move || {
            // What is logged on the way to the disk is no event.
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

    /// Hands over records; gives the number of the batch that they are in, or nothing where they
    /// cannot be written.
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

    /// Tells whether more can be handed over: not while the disk is behind, which would take memory
    /// without end.
    pub(crate) fn takes_more(&self) -> bool {
        let state = self.shared.lock();
        let is_ready = state.health == Health::Ready && !state.has_ended;
        is_ready && state.records.len() < BEHIND
    }

    /// Has it found out whether the disk can be written to; gives the number of the question.
    #[cfg(feature = "verify")]
    pub(crate) fn ask(&self) -> u64 {
        let mut state = self.shared.lock();
        state.asked += 1;
        let number = state.asked;
        if state.has_ended {
            state.answered = number;
        }
        drop(state);
        self.shared.work.notify_one();
        number
    }

    /// The number of the last question that is answered, by the health.
    #[cfg(feature = "verify")]
    pub(crate) fn answered(&self) -> u64 {
        self.shared.lock().answered
    }

    /// What was found on disk, once.
    pub(crate) fn take_image(&self) -> Option<Image> {
        self.shared.lock().image.take()
    }

    /// Has what is on disk read again, which is then to be taken.
    pub(crate) fn read_again(&self) {
        self.shared.lock().reads_again = true;
        self.shared.work.notify_one();
    }

    /// What is to be said.
    pub(crate) fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().notes)
    }

    pub(crate) fn health(&self) -> Health {
        self.shared.lock().health.clone()
    }

    /// How often what had been written came to be not.
    pub(crate) fn failures(&self) -> u64 {
        self.shared.lock().failures
    }

    /// The number of the last batch that was written.
    pub(crate) fn written(&self) -> u64 {
        self.shared.lock().written
    }

    /// Bytes on disk.
    pub(crate) fn length(&self) -> u64 {
        self.shared.lock().length
    }

    /// Has the task woken when something changes.
    pub(crate) fn wake(&self, cx: &Context<'_>) {
        self.shared.lock().worker = Some(cx.waker().clone());
    }

    /// Waits until what was handed over is written, and synced where that is asked for; tells whether
    /// it is.
    pub(crate) fn wait(&self, is_synced: bool, deadline: Instant) -> bool {
        let is_done = |state: &State| {
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

    /// Waits until the log is open, or cannot be.
    #[cfg(test)]
    pub(crate) fn wait_until_open(&self, deadline: Instant) {
        let _state = self
            .shared
            .wait(deadline, |state| state.health != Health::Opening);
    }

    /// Ends the thread, and waits for it until then.
    pub(crate) fn end(&self, deadline: Instant) {
        self.shared.lock().ends = true;
        self.shared.work.notify_one();
        let _state = self.shared.wait(deadline, |state| state.has_ended);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // A fork has no such thread, and one that is no more may hold this lock there for ever.
        if std::process::id() != self.process {
            return;
        }
        self.shared.lock().ends = true;
        self.shared.work.notify_one();
    }
}

impl Shared {
    fn run(self: &Arc<Self>, path: &Path) {
        let mut held = None;
        while let Err(why) = self.use_directory(path, &mut held) {
            self.fail(&why.to_string());
            if !self.pause() {
                return;
            }
        }
    }

    /// Opens the log and writes to it until the end, or until that fails. It stays locked then: what is
    /// on disk is still this process's, and no other's to tell.
    fn use_directory(
        self: &Arc<Self>,
        path: &Path,
        held: &mut Option<Directory>,
    ) -> io::Result<()> {
        let directory = match held.take().filter(Directory::is_in_place) {
            Some(directory) => directory,
            None => Directory::open(path)?,
        };
        let opened = Log::open(held.insert(directory), self.longest)?;
        let mut log = self.note_opened(opened);
        let written = self.write(&mut log);
        if written.is_err() {
            log.doubt();
        }
        written
    }

    fn note_opened(&self, opened: Opened) -> Log {
        let Opened { log, image, note } = opened;
        let mut state = self.lock();
        state.notes.extend(note);
        // Later on what is there is this process's own, which it still has.
        if !std::mem::replace(&mut state.was_open, true) {
            state.image = Some(image);
        }
        state.length = log.length();
        // What was handed over before is lost, and handed over again.
        state.written = state.handed;
        state.synced = state.handed;
        state.health = Health::Ready;
        self.tell(state);
        log
    }

    /// Waits before the next try; tells whether there is to be one.
    fn pause(&self) -> bool {
        let until = Instant::now() + self.retry_every;
        let mut state = self.lock();
        while !state.ends && state.asked <= state.answered {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            state = wait_on(&self.work, state, left);
        }
        !state.ends
    }

    /// Writes what is handed over until the end, or until that fails.
    fn write(self: &Arc<Self>, log: &mut Log) -> io::Result<()> {
        loop {
            let mut state = self.lock();
            let is_over = loop {
                if let Health::Failed(why) = &state.health {
                    return Err(io::Error::other(why.clone()));
                }
                if state.reads_again
                    || state.asked > state.answered
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
            let asked = (state.asked > state.answered).then_some(state.asked);
            drop(state);
            // Before what is handed over since, which its owner still has.
            let image = reads_again.then(|| log.read()).transpose()?;
            if !records.is_empty() {
                log.append(&records)?;
                let mut state = self.lock();
                state.written = number;
                state.length = log.length();
                self.tell(state);
                if let Some(note) = log.rewrite_if_long()? {
                    self.lock().notes.push(note);
                }
            }
            if let Some(asked) = asked {
                // Nothing, but written and kept by the drive.
                log.append(&[])?;
                log.file()?.sync_data()?;
                let mut state = self.lock();
                state.answered = asked;
                state.length = log.length();
                self.tell(state);
            }
            if image.is_some() {
                let mut state = self.lock();
                state.image = image;
                self.tell(state);
            }
            self.sync_if_due(log)?;
        }
    }

    /// Has the drive keep what was written, on another thread: there it may take seconds.
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
            its.tell(state);
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
        self.tell(state);
    }

    fn end(&self) {
        let mut state = self.lock();
        state.has_ended = true;
        state.answered = state.asked;
        self.tell(state);
    }

    /// Wakes all who wait for a change.
    fn tell(&self, mut state: MutexGuard<'_, State>) {
        let worker = state.worker.take();
        drop(state);
        self.done.notify_all();
        if let Some(worker) = worker {
            worker.wake();
        }
    }

    fn wait(&self, deadline: Instant, is_done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait_on<'s>(
    on: &Condvar,
    state: MutexGuard<'s, State>,
    timeout: Duration,
) -> MutexGuard<'s, State> {
    on.wait_timeout(state, timeout)
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

#[cfg(test)]
#[cfg(not(miri))]
mod tests;
