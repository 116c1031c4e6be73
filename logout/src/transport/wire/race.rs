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
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::net::SocketAddr;
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;

    /// What an address does when it is tried.
    #[derive(Clone, Copy)]
    enum Address {
        Answers(u8),
        Swallows,
        Fails(io::ErrorKind),
    }

    async fn try_it(address: Address) -> io::Result<u8> {
        match address {
            Address::Answers(name) => Ok(name),
            Address::Swallows => smol::future::pending().await,
            Address::Fails(kind) => Err(kind.into()),
        }
    }

    fn race(addresses: &[Address], head_start: Duration) -> io::Result<u8> {
        smol::block_on(first(addresses.iter().copied().map(try_it), head_start))
    }

    #[test]
    fn a_black_hole_costs_its_head_start_and_no_more() {
        let head_start = Duration::from_millis(30);
        let begin = Instant::now();
        let addresses = [Address::Swallows, Address::Swallows, Address::Answers(3)];
        assert_eq!(race(&addresses, head_start).unwrap(), 3);
        assert!(begin.elapsed() >= head_start * 2 && begin.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_failure_costs_no_head_start() {
        let refused = Address::Fails(io::ErrorKind::ConnectionRefused);
        let addresses = [refused, Address::Swallows, refused, Address::Answers(4)];
        // Only the second one is waited for, once.
        assert_eq!(race(&addresses, Duration::from_millis(30)).unwrap(), 4);
        let addresses = [refused, refused, Address::Answers(3)];
        assert_eq!(race(&addresses, Duration::MAX).unwrap(), 3);
    }

    #[test]
    fn an_address_that_answers_is_not_raced() {
        let tried = Cell::new(0);
        let attempts = (0..5).map(|name| {
            let tried = &tried;
            async move {
                tried.set(tried.get() + 1);
                Ok(name)
            }
        });
        let name = smol::block_on(first(attempts, Duration::ZERO)).unwrap();
        assert_eq!((name, tried.get()), (0, 1));
    }

    #[test]
    fn a_slow_address_may_still_win_after_its_head_start() {
        let attempts = [20, 60_000].map(|wait| async move {
            Timer::after(Duration::from_millis(wait)).await;
            Ok(wait)
        });
        let winner = smol::block_on(first(attempts, Duration::from_millis(1)));
        assert_eq!(winner.unwrap(), 20);
    }

    #[test]
    fn the_most_telling_failure_is_told() {
        let refused = Address::Fails(io::ErrorKind::ConnectionRefused);
        let no_route = Address::Fails(io::ErrorKind::NetworkUnreachable);
        for addresses in [[refused, no_route], [no_route, refused]] {
            let error = race(&addresses, Duration::MAX).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        }
        let error = race(&[no_route, no_route], Duration::MAX).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NetworkUnreachable);
    }

    proptest! {
        #[test]
        fn turns_lose_no_address_and_alternate_while_they_can(families in proptest::collection::vec(any::<bool>(), 0..12)) {
            let addresses: Vec<SocketAddr> = families
                .iter()
                .zip(1u16..)
                .map(|(v6, port)| match v6 {
                    true => (std::net::Ipv6Addr::LOCALHOST, port).into(),
                    false => (std::net::Ipv4Addr::LOCALHOST, port).into(),
                })
                .collect();
            let turns = Vec::from(in_turns(addresses.clone()));

            prop_assert_eq!(turns.first(), addresses.first());
            let all: BTreeSet<_> = turns.iter().copied().collect();
            prop_assert_eq!(all, addresses.iter().copied().collect());
            prop_assert_eq!(turns.len(), addresses.len());
            // Within a family the resolver's order stays.
            for v6 in [true, false] {
                let of = |all: &[SocketAddr]| -> Vec<_> {
                    all.iter().copied().filter(|address| address.is_ipv6() == v6).collect()
                };
                prop_assert_eq!(of(&turns), of(&addresses));
            }
            let fewer = families.iter().filter(|v6| **v6).count();
            let fewer = fewer.min(families.len() - fewer);
            for pair in turns.windows(2).take((2 * fewer).saturating_sub(1)) {
                prop_assert_ne!(pair[0].is_ipv6(), pair[1].is_ipv6());
            }
        }
    }
}
