//! Several addresses of one host, tried so that a dead one costs a quarter of a second.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use smol::Timer;

/// How long an address is tried alone: the "Connection Attempt Delay" of RFC 8305, section 5.
pub(super) const HEAD_START: Duration = Duration::from_millis(250);

/// Puts the address families in turns, beginning with the one that the resolver prefers
/// (RFC 8305, section 4): of eight IPv6 addresses behind a dead route only one is waited for.
pub(super) fn in_turns(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
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

/// The first of `attempts` that succeeds, or why the most telling of them failed.
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
        running: Vec::new(),
        gate: Timer::after(Duration::ZERO),
        failure: None,
    };
    poll_fn(|context| race.poll(context, head_start)).await
}

struct Race<I: Iterator> {
    waiting: I,
    /// Boxed, since a pinned future cannot be moved when an earlier one leaves the list.
    running: Vec<Pin<Box<I::Item>>>,
    /// When the next may begin.
    gate: Timer,
    failure: Option<io::Error>,
}

impl<T, I> Race<I>
where
    I: Iterator,
    I::Item: Future<Output = io::Result<T>>,
{
    fn poll(&mut self, context: &mut Context<'_>, head_start: Duration) -> Poll<io::Result<T>> {
        loop {
            let running = self.running.len();
            if let Some(winner) = self.poll_running(context) {
                return Poll::Ready(Ok(winner));
            }
            let one_failed = self.running.len() < running;
            let may_begin = one_failed || Pin::new(&mut self.gate).poll(context).is_ready();
            match may_begin.then(|| self.waiting.next()) {
                Some(Some(attempt)) => {
                    self.running.push(Box::pin(attempt));
                    self.gate.set_after(head_start);
                }
                Some(None) if self.running.is_empty() => {
                    let failure = self.failure.take();
                    return Poll::Ready(Err(failure.unwrap_or_else(no_address)));
                }
                Some(None) | None => return Poll::Pending,
            }
        }
    }

    fn poll_running(&mut self, context: &mut Context<'_>) -> Option<T> {
        let mut winner = None;
        let failure = &mut self.failure;
        self.running.retain_mut(|attempt| {
            if winner.is_some() {
                return true;
            }
            match attempt.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(Ok(stream)) => {
                    winner = Some(stream);
                    false
                }
                Poll::Ready(Err(why)) => {
                    // That a family has no route says less than what an address answered.
                    if failure.as_ref().is_none_or(is_no_route) {
                        *failure = Some(why);
                    }
                    false
                }
            }
        });
        winner
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
