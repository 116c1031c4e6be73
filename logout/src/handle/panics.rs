//! Capture of the program's panics.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::Dispatch as Subscriber;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use self::recent_places::RecentPlaces;
use super::deadline_after;
use crate::capture;
use crate::event::panic::{Panic, event, is_abort};
use crate::event::{Event, ReentryGuard};
use crate::handle::{Guard, Handle};
use crate::worker::BlockState;
use crate::worker::control::{Command, Reply};
use crate::worker::dispatch::Dispatch;

mod recent_places;

/// Time that a hook which waits for the message waits for the spans around the panic, though no
/// longer than half of its time: the panicking thread may itself hold their locks, and the message
/// is to leave all the same.
const SPANS_TIMEOUT: Duration = Duration::from_secs(1);

/// Time that a hook which waits for nothing else waits for them.
const SHORT_SPANS_TIMEOUT: Duration = Duration::from_millis(50);

thread_local! {
    /// The deadline of this thread while it is in a hook: the hooks of several blocks call each
    /// other and together wait no longer than one.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

impl<D: Dispatch> Guard<D> {
    /// Sends every panic of the program to all instances from now on: its message, place, thread,
    /// the spans around it and, if `RUST_BACKTRACE` is set, its backtrace.
    ///
    /// A panic has a place of its own beside the queue, so neither a full queue nor
    /// `metadata_filter` keeps it out. `mute` does, and so does `ignore` by a field or a fingerprint.
    ///
    /// # What it costs
    ///
    /// Many programs end with the first panic (`std::process::exit` in a hook of theirs). So the
    /// panicking thread waits until what was logged is sent, before the previous hook is called:
    /// for `panic_timeout` at most (1 s by default; zero never waits). It waits once per place in
    /// ten minutes, so a panic that is caught again and again holds up one request and no more. It
    /// does not wait for a destination that failed last or is gone, nor on a thread that runs the
    /// worker itself ([`Builder::start_on`](crate::Builder::start_on)). After the guard's end a
    /// panic costs nothing and is only counted.
    ///
    /// The spans and the trail are read within that time. A thread that panics inside another layer
    /// may hold their lock; then the message goes without them after half of the time, or after 1 s
    /// if that is less. A thread that does not wait gives them 50 ms.
    ///
    /// If panics abort the process (`panic = "abort"`, a panic during unwinding, a violated
    /// precondition of unsafe code), it waits for `shutdown_timeout` at most, and says on standard
    /// error what was not sent.
    ///
    /// # Hooks
    ///
    /// The previous hook is called last, so its output comes after the wait. A hook that is set
    /// later must call this one, which it gets from `std::panic::take_hook`.
    ///
    /// A panic on logout's own thread (for example in the `render` of an adapter of yours) is not
    /// sent. The lane survives it, counts the message as rejected and says so on standard error.
    /// Calling this twice changes nothing. 8 KiB of the message and 64 KiB of the backtrace are
    /// kept; the backtrace is there with the feature `backtrace`, where `RUST_BACKTRACE` asks for it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let alerts = Alerts::from_figment(("dry_run", true))?;
    /// # let (_alerts, guard) = alerts.start::<tracing_subscriber::Registry>()?;
    /// guard.capture_panics();
    /// let caught = std::panic::catch_unwind(|| panic!("the shelf fell"));
    /// assert!(caught.is_err());
    ///
    /// // The chat has heard of it.
    /// assert_eq!(guard.handle().stats().lanes[0].delivered, 1);
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn capture_panics(&self) {
        let handle = self.handle();
        let captures_panics = &handle.shared.captures_panics;
        if captures_panics.swap(true, Ordering::Relaxed) {
            return;
        }
        let hook = PanicHook {
            handle,
            waited: RecentPlaces::default(),
        };
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let outer = DEADLINE.try_with(Cell::get).ok().flatten();
            hook.handle_panic(info, outer);
            previous(info);
            // If the thread-locals are gone, the thread is ending.
            let _gone = DEADLINE.try_with(|deadline| deadline.set(outer));
        }));
    }
}

/// The panic hook of a block.
struct PanicHook<D: Dispatch> {
    handle: Handle<D>,
    /// The places for which it has waited lately.
    waited: RecentPlaces,
}

impl<D: Dispatch> PanicHook<D> {
    /// Captures the panic, and waits until it is sent if that is worthwhile. `outer` is the
    /// deadline of another block's hook that calls this one.
    fn handle_panic(&self, info: &PanicHookInfo<'_>, outer: Option<Instant>) {
        let shared = &self.handle.shared;
        let queue = &shared.queue;
        if ReentryGuard::is_active() {
            return;
        }
        if !queue.is_open() || queue.notices_fork() {
            return queue.count_missed_panic();
        }
        // Read before the time below begins, since that of a large program takes long.
        let trace = backtrace();
        let is_fatal = is_fatal(info);
        let timeout = if is_fatal {
            shared.shutdown_timeout
        } else {
            shared.panic_timeout
        };
        let own = deadline_after(timeout);
        let deadline = outer.map_or(own, |outer| outer.min(own));
        let _gone = DEADLINE.try_with(|known| known.set(Some(deadline)));
        let waits = is_fatal
            || !timeout.is_zero()
                && !queue.is_worker_thread()
                && self.waited.is_new(info.location());
        let event = capture_panic(&self.handle, info, &trace, spans_timeout(waits, deadline));
        #[cfg(feature = "spool")]
        if is_fatal && queue.is_worker_thread() {
            // The worker cannot run any more.
            shared.store_panic(&event.view(), deadline);
        }
        queue.push_panic(event);
        if is_fatal {
            self.end(deadline);
        } else if waits {
            self.wait(deadline);
        }
    }

    /// Waits until every reachable destination has what was logged so far. If none is reachable,
    /// the worker answers at once.
    fn wait(&self, deadline: Instant) {
        let flush = |reply| Command::FlushReachable { deadline, reply };
        if let Ok(reply) = self.handle.send(flush) {
            reply.wait(deadline);
        }
    }

    /// Sends all that waits; what cannot be sent is counted and reported on standard error.
    fn end(&self, deadline: Instant) {
        let left = || deadline.saturating_duration_since(Instant::now());
        // Another thread may be panicking too; its panic is accepted while there is time.
        let _said_below = self.handle.flush(left());
        let _said = self.handle.shutdown(left());
    }
}

/// Returns whether the process aborts after the hook: a panic does if panics abort in this build,
/// or if it cannot unwind.
fn is_fatal(info: &PanicHookInfo<'_>) -> bool {
    cfg!(panic = "abort") || text(info).is_some_and(is_abort)
}

/// Returns the backtrace, if the environment asks for one.
fn backtrace() -> String {
    if !cfg!(feature = "backtrace") {
        return String::new();
    }
    let trace = Backtrace::capture();
    match trace.status() {
        BacktraceStatus::Captured => trace.to_string(),
        _ => String::new(),
    }
}

/// Returns how long the spans may take, for a hook that waits until `deadline` or not at all.
fn spans_timeout(waits: bool, deadline: Instant) -> Duration {
    if !waits {
        return SHORT_SPANS_TIMEOUT;
    }
    let left = deadline.saturating_duration_since(Instant::now());
    (left / 2).clamp(SHORT_SPANS_TIMEOUT, SPANS_TIMEOUT)
}

fn capture_panic<D: Dispatch>(
    handle: &Handle<D>,
    info: &PanicHookInfo<'_>,
    backtrace: &str,
    spans_timeout: Duration,
) -> Event {
    let thread = std::thread::current();
    let name = thread.name().filter(|name| *name != "main");
    let most = handle.shared.limits.event();
    let spans = spans(handle, most, spans_timeout);
    event(&Panic {
        thread: name.unwrap_or_default(),
        message: text(info).unwrap_or("a payload that is no text"),
        file: info.location().map_or("", |place| place.file()),
        line: info.location().map_or(0, |place| place.line()),
        backtrace,
        spans: &spans,
        most,
    })
}

/// Returns the panic's message, if it is text; `panic!` creates one of these two types.
fn text<'i>(info: &'i PanicHookInfo<'_>) -> Option<&'i str> {
    let payload = info.payload();
    let literal = payload.downcast_ref::<&str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// Returns the encoded spans around the panic, innermost first, and the trail, or nothing if they
/// are not there within `timeout`.
///
/// They are read on a thread of their own: this thread may hold the lock of that very span, if it
/// panics inside another layer's formatting, and would wait for it for ever.
fn spans<D: Dispatch>(handle: &Handle<D>, most: usize, timeout: Duration) -> Vec<u8> {
    let subscriber = tracing::dispatcher::get_default(Subscriber::clone);
    let current = subscriber.current_span();
    let Some(id) = current.id().cloned() else {
        return Vec::new();
    };
    let read = Arc::new((Reply::default(), Mutex::new(Vec::new())));
    let written = Arc::clone(&read);
    let shared = Arc::clone(&handle.shared);
    let reading = std::thread::Builder::new()
        .name("logout-spans".to_owned())
        .spawn(move || {
            let _silence = ReentryGuard::enter();
            let registry = subscriber.downcast_ref::<Registry>();
            if let Some(span) = registry.and_then(|registry| registry.span(&id)) {
                let mut spans = capture::recorded(span.scope(), most);
                if let Some(trail) = const { &D::BLOCK.trail } {
                    let BlockState { levels, limits, .. } = &*shared;
                    capture::append_trail(span.scope(), trail, levels, limits, &mut spans);
                }
                *written.1.lock().unwrap_or_else(PoisonError::into_inner) = spans;
            }
            written.0.done();
        });
    if reading.is_err() || read.0.wait(Instant::now() + timeout).is_none() {
        return Vec::new();
    }
    std::mem::take(&mut read.1.lock().unwrap_or_else(PoisonError::into_inner))
}
