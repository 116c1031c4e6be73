//! Claims about settled entries.

use std::time::Duration;

use super::{LONG_TERM, NOTHING, TestConnection, batch, require, require_same, term};
use crate::fleet::{Done, Lead, Mark, Session};

/// Puts three entries, and returns their marks.
async fn put_three(asker: &mut TestConnection<impl Session>) -> Result<[Mark; 3], String> {
    asker.put("s", 1, &batch(&["one", "two", "three"])).await?;
    let entries = asker.read(Mark::default(), 10).await?;
    let marks: Vec<_> = entries.iter().map(|entry| entry.mark).collect();
    marks
        .try_into()
        .map_err(|marks| format!("`read`: expected three entries, found {marks:?}"))
}

fn settling<'a>(settled: &'a [Mark], going: &'a [u8]) -> Done<'a> {
    Done {
        settled,
        going,
        ..NOTHING
    }
}

pub(super) async fn what_is_settled_is_gone_and_the_rest_stays(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let [first, second, third] = put_three(one).await?;
    let epoch = one.take("a", LONG_TERM).await?.epoch;
    let done = Done {
        settled: &[first, third],
        odd: &[third],
        ..NOTHING
    };
    let held = one.done(term("a", epoch, 1), &done).await?;
    require_same("whether the lease is held", &held, &true)?;
    require_same("what stays", &two.all().await?, &batch(&["two"]))?;
    // These are gone already.
    let held = one.done(term("a", epoch, 2), &done).await?;
    require_same("whether the lease is held", &held, &true)?;
    let rest = two.read(first, 10).await?;
    let marks: Vec<_> = rest.iter().map(|entry| entry.mark).collect();
    require_same(
        "what is read behind a mark that is gone",
        &marks,
        &vec![second],
    )?;
    two.put("s", 2, &batch(&["four"])).await?;
    let rest = one.read(third, 10).await?;
    let what = "the mark of an entry is not above that of one that is gone";
    require(what, rest.len() == 1)?;
    let outcome = one.put("s", 1, &batch(&["one", "two", "three"])).await?;
    let what = "a batch again that is settled";
    require_same(what, &outcome.outcome, &crate::fleet::PutOutcome::Duplicate)
}

pub(super) async fn nothing_is_settled_without_the_lease(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let marks = put_three(one).await?;
    let known = [(7, b"seven".to_vec())];
    let done = Done {
        settled: &marks,
        known: &known,
        going: b"going",
        ..NOTHING
    };
    let held = one.done(term("a", 1, 1), &done).await?;
    require_same(
        "whether a lease is held that nobody has taken",
        &held,
        &false,
    )?;
    let first = one.take("a", LONG_TERM).await?.epoch;
    let second = one.take("a", LONG_TERM).await?.epoch;
    for (what, name, epoch) in [
        ("the lease of another", "b", second),
        ("an earlier epoch", "a", first),
        ("a later epoch", "a", second + 1),
    ] {
        let held = two.done(term(name, epoch, 9), &done).await?;
        require_same(&format!("whether {what} is held"), &held, &false)?;
    }
    one.bid("a", second, Duration::ZERO).await?;
    let held = one.done(term("a", second, 9), &done).await?;
    require_same("whether a lease is held that was given up", &held, &false)?;

    let short = Duration::from_millis(1_500);
    let lapsing = one.take("a", short).await?.epoch;
    let third = loop {
        match two.bid("b", 0, LONG_TERM).await?.lead {
            Lead::Taken(takeover) => break takeover,
            _ => async_io::Timer::after(Duration::from_millis(50)).await,
        };
    };
    let held = one.done(term("a", lapsing, 9), &done).await?;
    require_same(
        "whether a lease is held that has become another's",
        &held,
        &false,
    )?;
    let left = (third.known, third.going);
    require_same("what is known and going", &left, &(Vec::new(), Vec::new()))?;
    require_same("what stays", &two.all().await?.len(), &3)
}

pub(super) async fn a_request_that_comes_late_does_nothing(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let [first, second, third] = put_three(one).await?;
    let epoch = one.take("a", LONG_TERM).await?.epoch;
    one.done(term("a", epoch, 5), &settling(&[first], b"new"))
        .await?;
    for number in [5, 4] {
        let marks = [second];
        let late = settling(&marks, b"old");
        let held = two.done(term("a", epoch, number), &late).await?;
        let what = "whether the lease is held, asked late";
        require_same(what, &held, &true)?;
    }
    require_same("what stays", &two.all().await?, &batch(&["two", "three"]))?;
    // Numbers begin anew with each epoch.
    let takeover = one.take("a", LONG_TERM).await?;
    require_same("what was going", &takeover.going, &b"new".to_vec())?;
    let held = one
        .done(term("a", takeover.epoch, 1), &settling(&[third], b"new"))
        .await?;
    require_same("whether the lease is held", &held, &true)?;
    require_same("what stays", &two.all().await?, &batch(&["two"]))
}

pub(super) async fn the_next_leader_finds_what_is_known_and_what_was_going(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let first = one.take("a", LONG_TERM).await?;
    let left = (first.known, first.going);
    let what = "what the first leader finds";
    require_same(what, &left, &(Vec::new(), Vec::new()))?;
    let note = |number: u64, text: &str| (number, text.as_bytes().to_vec());
    let known = [note(7, "seven"), note(u64::MAX, "most"), note(8, "eight")];
    let done = Done {
        known: &known,
        going: b"1-2 3-4|7",
        ..NOTHING
    };
    one.done(term("a", first.epoch, 1), &done).await?;
    let known = [note(7, "seven, again"), note(8, ""), note(9, "")];
    let changed = Done {
        known: &known,
        going: b"5-6|",
        ..NOTHING
    };
    one.done(term("a", first.epoch, 2), &changed).await?;
    let mut found = Vec::new();
    for number in [7, 8, 9, u64::MAX] {
        found.push(two.known(number).await?);
    }
    let kept = |text: &str| Some(text.as_bytes().to_vec());
    let expected = vec![kept("seven, again"), None, None, kept("most")];
    require_same("what is known under a number", &found, &expected)?;
    one.bid("a", first.epoch, Duration::ZERO).await?;
    let mut next = two.take("b", LONG_TERM).await?;
    next.known.sort();
    require_same(
        "what is known",
        &next.known,
        &batch(&["most", "seven, again"]),
    )?;
    require_same("what was going", &next.going, &b"5-6|".to_vec())?;
    two.done(term("b", next.epoch, 1), &NOTHING).await?;
    let last = two.take("b", LONG_TERM).await?;
    require_same("what is going after nothing is", &last.going, &Vec::new())?;
    require_same("how much is known", &last.known.len(), &2)
}
