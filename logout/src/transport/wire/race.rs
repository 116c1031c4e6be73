//! Connection attempts to several addresses of one host, staggered so that a dead one costs a
//! quarter of a second.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use async_io::Timer;

/// The time for which an address is tried alone: the "Connection Attempt Delay" of RFC 8305,
/// section 5.
pub(super) const HEAD_START: Duration = Duration::from_millis(250);

/// Alternates the address families, beginning with the one that the resolver prefers (RFC 8305,
/// section 4): of eight unreachable IPv6 addresses only one is waited for.
pub(super) fn alternate_families(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut others = others.into_iter();
    let mut turns = VecDeque::new();
    for address in preferred {
        turns.push_back(address);
        turns.extend(others.next());
    }
    turns.extend(others);
    turns
}

/// Returns the result of the first of `attempts` that succeeds, or the most informative error.
///
/// Each begins when the one before it has failed or has had its head start, and goes on beside
/// the later ones.
pub(super) async fn first<T, F>(
    attempts: impl IntoIterator<Item = F>,
    head_start: Duration,
) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut race = Race {
        waiting: attempts.into_iter().fuse(),
        running: [
            pin!(None),
            pin!(None),
            pin!(None),
            pin!(None),
            pin!(None),
            pin!(None),
        ],
        next_start: Timer::after(Duration::ZERO),
        failure: None,
    };
    poll_fn(|context| race.poll(context, head_start)).await
}

/// The most simultaneous attempts; one more waits until one of them has failed.
const MAX_ATTEMPTS: usize = 6;

struct Race<'r, I: Iterator> {
    waiting: I,
    /// In the order of the addresses, which is the order in which they began until one fails.
    running: [Pin<&'r mut Option<I::Item>>; MAX_ATTEMPTS],
    /// The time at which the next may begin.
    next_start: Timer,
    failure: Option<io::Error>,
}

impl<T, I> Race<'_, I>
where
    I: Iterator,
    I::Item: Future<Output = io::Result<T>>,
{
    fn poll(&mut self, context: &mut Context<'_>, head_start: Duration) -> Poll<io::Result<T>> {
        loop {
            let running = self.count();
            if let Some(winner) = self.poll_running(context) {
                return Poll::Ready(Ok(winner));
            }
            let one_failed = self.count() < running;
            let Some(free) = self.running.iter().position(|attempt| attempt.is_none()) else {
                return Poll::Pending;
            };
            let may_begin = one_failed || Pin::new(&mut self.next_start).poll(context).is_ready();
            match may_begin.then(|| self.waiting.next()) {
                Some(Some(attempt)) => {
                    if let Some(place) = self.running.get_mut(free) {
                        place.set(Some(attempt));
                    }
                    self.next_start.set_after(head_start);
                }
                Some(None) if self.count() == 0 => {
                    let failure = self.failure.take();
                    return Poll::Ready(Err(failure.unwrap_or_else(no_address)));
                }
                Some(None) | None => return Poll::Pending,
            }
        }
    }

    fn count(&self) -> usize {
        self.running
            .iter()
            .filter(|attempt| attempt.is_some())
            .count()
    }

    fn poll_running(&mut self, context: &mut Context<'_>) -> Option<T> {
        for place in &mut self.running {
            let Some(attempt) = place.as_mut().as_pin_mut() else {
                continue;
            };
            match attempt.poll(context) {
                Poll::Pending => {}
                Poll::Ready(Ok(stream)) => return Some(stream),
                Poll::Ready(Err(why)) => {
                    // The lack of a route for a family says less than an address's own error.
                    if self.failure.as_ref().is_none_or(is_no_route) {
                        self.failure = Some(why);
                    }
                    place.set(None);
                }
            }
        }
        None
    }
}

fn is_no_route(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::AddrNotAvailable
    )
}

fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "the host name has no address")
}

#[cfg(test)]
mod tests;
