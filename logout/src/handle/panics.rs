//! Panics of the program, told in chat.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::Dispatch as Subscriber;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use crate::capture;
use crate::event::ReentryGuard;
use crate::event::panic::{Panic, event, is_abort};
use crate::handle::{Guard, Handle};
use crate::worker::control::Reply;
use crate::worker::dispatch::Dispatch;

/// How long the hook waits for the spans around the panic, which lie behind locks that the
/// panicking thread may hold itself.
const SPANS: Duration = Duration::from_millis(50);

thread_local! {
    /// Whether this thread is inside the hook: what panics there must not come back.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

impl<D: Dispatch> Guard<D> {
    /// Sends every panic of the program to all instances, from now on: its message, place, thread,
    /// the spans around it and, as `RUST_BACKTRACE` says, its backtrace.
    ///
    /// The hook that was set before is called first. A panic has a place of its own beside the
    /// queue, so a full one does not keep it out, and a caught panic costs no flush. A panic that
    /// ends `main` is sent when the guard is dropped; where panics abort the process
    /// (`panic = "abort"`, or a panic that strikes while another unwinds) the hook itself waits until
    /// it is sent, for `shutdown_timeout` at the most, and says on standard error what was not.
    ///
    /// A panic on logout's own thread (in the `render` of a program's adapter) is not sent, since
    /// sending is what panicked: the lane survives it, counts the message as rejected and says so
    /// on standard error. Called twice it changes nothing.
    ///
    /// Call it after every other hook is set, since it calls the one it finds and is not called by
    /// a later one that forgets to. Of the message 8 KiB are kept, of the backtrace 64 KiB.
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
    /// // The chat hears of it.
    /// guard.handle().flush(Duration::from_secs(3))?;
    /// assert_eq!(guard.handle().stats().lanes[0].delivered, 1);
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn capture_panics(&self) {
        let handle = self.handle();
        if handle
            .shared()
            .captures_panics
            .swap(true, Ordering::Relaxed)
        {
            return;
        }
        let previous = std::panic::take_hook();
        let timeout = self.timeout();
        std::panic::set_hook(Box::new(move |info| {
            previous(info);
            if !ReentryGuard::is_active() && !INSIDE.replace(true) {
                capture_panic(&handle, info);
                if is_fatal(info) {
                    end(&handle, timeout);
                }
                INSIDE.set(false);
            }
        }));
    }
}

/// Whether the process aborts when the hook has returned: every panic does where they are built to,
/// and anywhere one that strikes while another unwinds.
fn is_fatal(info: &PanicHookInfo<'_>) -> bool {
    cfg!(panic = "abort") || text(info).is_some_and(is_abort)
}

/// Sends what is left; what cannot be sent is counted, and said on standard error.
fn end<D: Dispatch>(handle: &Handle<D>, timeout: Duration) {
    let start = Instant::now();
    // Another thread may be panicking, too, and is not turned away as long as there is time.
    let _said_below = handle.flush(timeout);
    let _said = handle.shutdown(timeout.saturating_sub(start.elapsed()));
}

fn capture_panic<D: Dispatch>(handle: &Handle<D>, info: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let trace = Backtrace::capture();
    let trace = match trace.status() {
        BacktraceStatus::Captured => trace.to_string(),
        _ => String::new(),
    };
    let most = handle.shared().limits.event();
    let spans = spans(most);
    handle.shared().queue.push_panic(event(&Panic {
        thread: thread
            .name()
            .filter(|name| *name != "main")
            .unwrap_or_default(),
        message: text(info).unwrap_or("a payload that is no text"),
        file: info
            .location()
            .map(|place| place.file())
            .unwrap_or_default(),
        line: info
            .location()
            .map(|place| place.line())
            .unwrap_or_default(),
        backtrace: &trace,
        spans: &spans,
        most,
    }));
}

/// What the panic says, where it is text: `panic!` makes one of these two.
fn text<'i>(info: &'i PanicHookInfo<'_>) -> Option<&'i str> {
    let payload = info.payload();
    let literal = payload.downcast_ref::<&str>().copied();
    literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// The spans around the panic, innermost first, encoded.
///
/// They are read on a thread of their own: a panic inside another layer's formatting happens
/// while this thread holds the lock of the very span, and waiting for it would never end.
fn spans(most: usize) -> Vec<u8> {
    let subscriber = tracing::dispatcher::get_default(Subscriber::clone);
    let current = subscriber.current_span();
    let Some(id) = current.id().cloned() else {
        return Vec::new();
    };
    let read = Arc::new((Reply::default(), Mutex::new(Vec::new())));
    let written = Arc::clone(&read);
    let reading = std::thread::Builder::new()
        .name("logout-spans".to_owned())
        .spawn(move || {
            let _silence = ReentryGuard::enter();
            let registry = subscriber.downcast_ref::<Registry>();
            if let Some(span) = registry.and_then(|registry| registry.span(&id)) {
                *written.1.lock().unwrap_or_else(PoisonError::into_inner) =
                    capture::recorded(span.scope(), most);
            }
            written.0.done();
        });
    if reading.is_err() || !read.0.wait(Instant::now() + SPANS) {
        return Vec::new();
    }
    std::mem::take(&mut read.1.lock().unwrap_or_else(PoisonError::into_inner))
}
