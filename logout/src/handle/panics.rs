//! Panics of the program, sent to the chat.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::Dispatch as Subscriber;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use self::places::Places;
use super::after;
use crate::capture;
use crate::event::panic::{Panic, event, is_abort};
use crate::event::{Event, ReentryGuard};
use crate::handle::{Guard, Handle};
use crate::worker::Shared;
use crate::worker::control::{Command, Reply};
use crate::worker::dispatch::Dispatch;

mod places;

/// How long the hook waits for the spans around the panic, which lie behind locks that the
/// panicking thread may hold itself.
const SPANS: Duration = Duration::from_millis(50);

thread_local! {
    /// Until when this thread may wait, while it is inside a hook: that of one block calls that of
    /// another, and both together wait no longer than one.
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
        let hook = Hook {
            handle,
            waited: Places::default(),
        };
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let outer = DEADLINE.try_with(Cell::get).ok().flatten();
            hook.tell(info, outer);
            previous(info);
            // Where thread-locals are gone the thread is, too.
            let _gone = DEADLINE.try_with(|deadline| deadline.set(outer));
        }));
    }
}

/// What is done about a panic.
struct Hook<D: Dispatch> {
    handle: Handle<D>,
    /// Where it has waited lately.
    waited: Places,
}

impl<D: Dispatch> Hook<D> {
    /// Takes the panic down, and waits until it is told, if it is worth it. `outer` is until when
    /// the hook of another block waits that calls this one.
    fn tell(&self, info: &PanicHookInfo<'_>, outer: Option<Instant>) {
        let shared = &self.handle.shared;
        let queue = &shared.queue;
        if ReentryGuard::is_active() {
            return;
        }
        if !queue.is_open() || queue.notices_fork() {
            return queue.miss_panic();
        }
        let event = capture_panic(&self.handle, info);
        let is_fatal = is_fatal(info);
        let timeout = if is_fatal {
            shared.shutdown_timeout
        } else {
            shared.panic_timeout
        };
        let own = after(timeout);
        let deadline = outer.map_or(own, |outer| outer.min(own));
        let _gone = DEADLINE.try_with(|known| known.set(Some(deadline)));
        #[cfg(feature = "spool")]
        if is_fatal && queue.is_worker_thread() {
            // The worker does not run any more.
            shared.store_panic(&event.view(), deadline);
        }
        queue.push_panic(event);
        if is_fatal {
            self.end(deadline);
        } else if !timeout.is_zero()
            && !queue.is_worker_thread()
            && self.waited.is_new(info.location())
        {
            self.wait(deadline);
        }
    }

    /// Waits until every destination within reach has what was logged so far. The worker answers at
    /// once where none is.
    fn wait(&self, deadline: Instant) {
        let flush = |reply| Command::FlushReachable { deadline, reply };
        if let Ok(reply) = self.handle.send(flush) {
            reply.wait(deadline);
        }
    }

    /// Sends what waits; what cannot be sent is counted, and said on standard error.
    fn end(&self, deadline: Instant) {
        let left = || deadline.saturating_duration_since(Instant::now());
        // Another thread may be panicking, too, and is not turned away as long as there is time.
        let _said_below = self.handle.flush(left());
        let _said = self.handle.shutdown(left());
    }
}

/// Whether the process aborts when the hook has returned: every panic does where they are built to,
/// and anywhere one that cannot unwind.
fn is_fatal(info: &PanicHookInfo<'_>) -> bool {
    cfg!(panic = "abort") || text(info).is_some_and(is_abort)
}

/// Returns the calls that led here, where the environment asks for them.
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

fn capture_panic<D: Dispatch>(handle: &Handle<D>, info: &PanicHookInfo<'_>) -> Event {
    let thread = std::thread::current();
    let name = thread.name().filter(|name| *name != "main");
    let trace = backtrace();
    let most = handle.shared.limits.event();
    let spans = spans(handle, most);
    event(&Panic {
        thread: name.unwrap_or_default(),
        message: text(info).unwrap_or("a payload that is no text"),
        file: info.location().map_or("", |place| place.file()),
        line: info.location().map_or(0, |place| place.line()),
        backtrace: &trace,
        spans: &spans,
        most,
    })
}

/// What the panic says, where it is text: `panic!` makes one of these two.
fn text<'i>(info: &'i PanicHookInfo<'_>) -> Option<&'i str> {
    let payload = info.payload();
    let literal = payload.downcast_ref::<&str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// The spans around the panic, innermost first, and what led to it, encoded.
///
/// They are read on a thread of their own: a panic inside another layer's formatting happens
/// while this thread holds the lock of the very span, and waiting for it would never end.
fn spans<D: Dispatch>(handle: &Handle<D>, most: usize) -> Vec<u8> {
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
                    let Shared { levels, limits, .. } = &*shared;
                    capture::append_trail(span.scope(), trail, levels, limits, &mut spans);
                }
                *written.1.lock().unwrap_or_else(PoisonError::into_inner) = spans;
            }
            written.0.done();
        });
    if reading.is_err() || read.0.wait(Instant::now() + SPANS).is_none() {
        return Vec::new();
    }
    std::mem::take(&mut read.1.lock().unwrap_or_else(PoisonError::into_inner))
}
