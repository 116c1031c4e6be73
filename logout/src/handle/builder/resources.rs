//! Resources of the operating system, checked at start because a failure at the first message could
//! not be reported.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use async_io::Timer;

use crate::config::Error;
use crate::event::encoding::catch_panics;

/// Creates async-io's reactor, of which a process has one, with its thread.
pub(super) fn make_reactor() -> io::Result<()> {
    static IS_MADE: AtomicBool = AtomicBool::new(false);
    if IS_MADE.load(Ordering::Acquire) {
        return Ok(());
    }
    // async-io panics if it cannot get one of these, and a panic hook may end the process.
    let descriptors = reserve_descriptors()?;
    let probe = thread::Builder::new().name("logout-probe".to_owned());
    let _ended = probe.spawn(|| ())?.join();
    drop(descriptors);
    let registered = poll_fn(|cx| {
        let _pending = pin!(Timer::after(Duration::from_secs(3_600))).poll(cx);
        Poll::Ready(())
    });
    catch_panics(|| async_io::block_on(registered))
        .ok_or_else(|| io::Error::other("smol's reactor could not be made"))?;
    IS_MADE.store(true, Ordering::Release);
    Ok(())
}

/// Reserves as many descriptors as the reactor takes, and one for a connection.
#[cfg(unix)]
fn reserve_descriptors() -> io::Result<impl Sized> {
    use std::os::unix::net::UnixStream;
    Ok([UnixStream::pair()?, UnixStream::pair()?])
}

#[cfg(not(unix))]
fn reserve_descriptors() -> io::Result<impl Sized> {
    Ok(())
}

/// Notes that logout was started in this process. A fork shares the reactor's epoll set with its
/// parent but has none of its threads, so logout cannot be started there.
pub(super) fn claim_process() -> Result<(), Error> {
    static STARTED_IN: AtomicU32 = AtomicU32::new(0);
    let process = std::process::id();
    match STARTED_IN.compare_exchange(0, process, Ordering::AcqRel, Ordering::Acquire) {
        Err(other) if other != process => Err(Error::started_before_fork()),
        _ => Ok(()),
    }
}
