//! Claims about the lease.

use std::time::{Duration, Instant};

use super::{LONG_TERM, TestConnection, require, require_same};
use crate::fleet::{Lead, Session};

/// The term of a lease that is waited for.
const SHORT_TERM: Duration = Duration::from_millis(1_500);

/// How late a lease may lapse.
const LATE: Duration = Duration::from_secs(8);

/// How often a lease is renewed at most, until one was renewed in time.
const MOST_TRIES: usize = 5;

/// The precision of clocks.
const TICK: Duration = Duration::from_millis(20);

pub(super) async fn one_leads_at_a_time(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let first = one.take("a", LONG_TERM).await?.epoch;
    require("the first epoch is 0, which stands for none", first > 0)?;
    for epoch in [0, first, first + 1] {
        let other = two.bid("b", epoch, LONG_TERM).await?;
        require_same("the lease of another", &other.lead, &Lead::Other)?;
        require_same("whether there is a leader", &other.place.has_leader, &true)?;
    }
    // A name that begins alike is another name.
    let other = two.bid("a:1", 0, LONG_TERM).await?.lead;
    require_same("the lease of another", &other, &Lead::Other)?;
    let kept = two.bid("a", first, LONG_TERM).await?.lead;
    require_same("its own lease, over another connection", &kept, &Lead::Kept)?;
    // It has forgotten its epoch.
    let second = one.take("a", LONG_TERM).await?.epoch;
    require("an epoch is not above the one before", second > first)?;
    let late = one.bid("a", first, LONG_TERM).await?.lead;
    let what = "its own lease, asked for in an earlier epoch";
    require_same(what, &late, &Lead::Other)?;
    let kept = one.bid("a", second, LONG_TERM).await?.lead;
    require_same("its own lease", &kept, &Lead::Kept)
}

pub(super) async fn a_lease_lasts_for_its_term_and_lapses_after_it(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let mut tries = 0;
    let (first, renewed) = loop {
        let begin = Instant::now();
        let first = one.take("a", SHORT_TERM).await?.epoch;
        async_io::Timer::after(SHORT_TERM / 2).await;
        let renewed = Instant::now();
        let kept = one.bid("a", first, SHORT_TERM).await?.lead;
        tries += 1;
        // A busy machine may renew it so late that it has lapsed.
        if begin.elapsed() < SHORT_TERM || tries == MOST_TRIES {
            require_same("a lease that is renewed", &kept, &Lead::Kept)?;
            break (first, renewed);
        }
    };
    loop {
        let answer = two.bid("b", 0, LONG_TERM).await?;
        let waited = renewed.elapsed();
        match answer.lead {
            Lead::Taken(next) => {
                let what = format!("a lease of {SHORT_TERM:?} is another's after {waited:?}");
                require(&what, waited + TICK >= SHORT_TERM)?;
                require("an epoch is not above the one before", next.epoch > first)?;
                break;
            }
            _ => {
                let what = format!("a lease of {SHORT_TERM:?} has not lapsed after {waited:?}");
                require(&what, waited < SHORT_TERM + LATE)?;
                async_io::Timer::after(TICK).await;
            }
        }
    }
    let lost = one.bid("a", first, SHORT_TERM).await?.lead;
    require_same("a lease that has become another's", &lost, &Lead::Other)
}

pub(super) async fn a_lease_that_is_given_up_is_free(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let first = one.take("a", LONG_TERM).await?.epoch;
    let other = two.bid("b", first, Duration::ZERO).await?;
    require_same("to give up the lease of another", &other.lead, &Lead::Other)?;
    let what = "whether there is a leader after another has given up";
    require_same(what, &other.place.has_leader, &true)?;
    let given_up = one.bid("a", first, Duration::ZERO).await?;
    require_same("to give up its lease", &given_up.lead, &Lead::Other)?;
    let what = "whether there is a leader after it has given up";
    require_same(what, &given_up.place.has_leader, &false)?;
    let second = two.take("b", LONG_TERM).await?.epoch;
    require("an epoch is not above the one before", second > first)
}
