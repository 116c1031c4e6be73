use std::cell::Cell;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Instant;

use proptest::prelude::*;

use super::*;

/// The behaviour of an address when it is tried.
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
        let turns = Vec::from(alternate_families(addresses.clone()));

        prop_assert_eq!(turns.first(), addresses.first());
        let all: BTreeSet<_> = turns.iter().copied().collect();
        prop_assert_eq!(all, addresses.iter().copied().collect());
        prop_assert_eq!(turns.len(), addresses.len());
        // Within a family the resolver's order is kept.
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
