//! Claims about the lease.

use std::time::{Duration, Instant};

use super::{Asker, LONG, holds, same};
use crate::fleet::{Lead, Session};

/// The term of a lease that is waited for.
const SHORT: Duration = Duration::from_millis(1_500);

/// How late a lease may lapse.
const LATE: Duration = Duration::from_secs(8);

/// The precision of clocks.
const TICK: Duration = Duration::from_millis(20);

pub(super) async fn one_leads_at_a_time(
    one: &mut Asker<impl Session>,
    two: &mut Asker<impl Session>,
) -> Result<(), String> {
    let first = one.take("a", LONG).await?.epoch;
    holds("the first epoch is 0, which stands for none", first > 0)?;
    for epoch in [0, first, first + 1] {
        let other = two.bid("b", epoch, LONG).await?;
        same("the lease of another", &other.lead, &Lead::Other)?;
        same("whether there is a leader", &other.place.has_leader, &true)?;
    }
    // A name that begins alike is another name.
    let other = two.bid("a:1", 0, LONG).await?.lead;
    same("the lease of another", &other, &Lead::Other)?;
    let kept = two.bid("a", first, LONG).await?.lead;
    same("its own lease, over another connection", &kept, &Lead::Kept)?;
    // It has forgotten its epoch.
    let second = one.take("a", LONG).await?.epoch;
    holds("an epoch is not above the one before", second > first)?;
    let late = one.bid("a", first, LONG).await?.lead;
    let what = "its own lease, asked for in an earlier epoch";
    same(what, &late, &Lead::Other)?;
    let kept = one.bid("a", second, LONG).await?.lead;
    same("its own lease", &kept, &Lead::Kept)
}

pub(super) async fn a_lease_lasts_for_its_term_and_lapses_after_it(
    one: &mut Asker<impl Session>,
    two: &mut Asker<impl Session>,
) -> Result<(), String> {
    let first = one.take("a", SHORT).await?.epoch;
    async_io::Timer::after(SHORT / 2).await;
    let renewed = Instant::now();
    let kept = one.bid("a", first, SHORT).await?.lead;
    same("a lease that is renewed", &kept, &Lead::Kept)?;
    loop {
        let answer = two.bid("b", 0, LONG).await?;
        let waited = renewed.elapsed();
        match answer.lead {
            Lead::Taken(next) => {
                let what = format!("a lease of {SHORT:?} is another's after {waited:?}");
                holds(&what, waited + TICK >= SHORT)?;
                holds("an epoch is not above the one before", next.epoch > first)?;
                break;
            }
            _ => {
                let what = format!("a lease of {SHORT:?} has not lapsed after {waited:?}");
                holds(&what, waited < SHORT + LATE)?;
                async_io::Timer::after(TICK).await;
            }
        }
    }
    let lost = one.bid("a", first, SHORT).await?.lead;
    same("a lease that has become another's", &lost, &Lead::Other)
}

pub(super) async fn a_lease_that_is_given_up_is_free(
    one: &mut Asker<impl Session>,
    two: &mut Asker<impl Session>,
) -> Result<(), String> {
    let first = one.take("a", LONG).await?.epoch;
    let other = two.bid("b", first, Duration::ZERO).await?;
    same("to give up the lease of another", &other.lead, &Lead::Other)?;
    let what = "whether there is a leader after another has given up";
    same(what, &other.place.has_leader, &true)?;
    let given_up = one.bid("a", first, Duration::ZERO).await?;
    same("to give up its lease", &given_up.lead, &Lead::Other)?;
    let what = "whether there is a leader after it has given up";
    same(what, &given_up.place.has_leader, &false)?;
    let second = two.take("b", LONG).await?.epoch;
    holds("an epoch is not above the one before", second > first)
}
