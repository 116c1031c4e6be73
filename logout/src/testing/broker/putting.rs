//! Claims about streams and members.

use std::time::Duration;

use super::{LONG_TERM, TestConnection, batch, require, require_same};
use crate::fleet::{Lead, Mark, PutOutcome, Session};

pub(super) async fn a_batch_that_is_put_again_is_there_once(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let (first, second) = (batch(&["one", "two"]), batch(&["three"]));
    let stored = one.put("a", 1, &first).await?.outcome;
    require_same("a first batch", &stored, &PutOutcome::Stored)?;
    for _ in 0..2 {
        let outcome = one.put("a", 1, &first).await?.outcome;
        require_same("the same batch again", &outcome, &PutOutcome::Duplicate)?;
    }
    let outcome = two.put("a", 1, &first).await?.outcome;
    let what = "the same batch over another connection";
    require_same(what, &outcome, &PutOutcome::Duplicate)?;
    let outcome = two.put("b", 1, &second).await?.outcome;
    let what = "the first batch of another sender";
    require_same(what, &outcome, &PutOutcome::Stored)?;
    let outcome = one.put("a", 7, &second).await?.outcome;
    let what = "a batch under a later number";
    require_same(what, &outcome, &PutOutcome::Stored)?;
    let outcome = two.put("a", 6, &second).await?.outcome;
    let what = "a batch under an earlier number";
    require_same(what, &outcome, &PutOutcome::Duplicate)?;
    let outcome = one.put("a", 0, &[]).await?.outcome;
    require_same("nothing", &outcome, &PutOutcome::Stored)?;
    let expected = batch(&["one", "two", "three", "three"]);
    require_same("all that was put", &two.all().await?, &expected)
}

pub(super) async fn entries_are_read_in_the_order_in_which_they_were_put(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let mut expected = Vec::new();
    for number in 1..=20 {
        let texts = [format!("a{number}"), format!("a{number}, too")];
        let texts = texts.map(String::into_bytes);
        one.put("a", number, &texts).await?;
        expected.extend(texts);
        let text = [format!("b{number}").into_bytes()];
        two.put("b", number, &text).await?;
        expected.extend(text);
    }
    require_same("what is read", &two.all().await?, &expected)?;
    let entries = one.read(Mark::default(), 1_000).await?;
    let is_rising = entries.is_sorted_by(|before, after| before.mark < after.mark);
    require(
        "the mark of an entry is not above that of the one before",
        is_rising,
    )?;
    for (at, entry) in entries.iter().enumerate() {
        let rest = two.read(entry.mark, 1_000).await?;
        let what = "what is read behind a mark";
        require_same(
            what,
            &rest.as_slice(),
            &entries.get(at + 1..).unwrap_or_default(),
        )?;
    }
    let place = one.put("a", 0, &[]).await?.place;
    let is_earlier = entries.iter().all(|entry| entry.mark.time <= place.time);
    require("the time of a mark is above the broker's time", is_earlier)
}

pub(super) async fn a_read_returns_no_more_than_it_is_asked_for(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let none = one.read(Mark::default(), 10).await?;
    require_same(
        "what is read of a stream that nobody has put into",
        &none,
        &Vec::new(),
    )?;
    let texts: Vec<_> = (0..25_u8).map(|text| vec![text]).collect();
    one.put("a", 1, &texts).await?;
    let (mut after, mut read) = (Mark::default(), Vec::new());
    for expected in [10, 10, 5, 0] {
        let entries = two.read(after, 10).await?;
        require_same(
            "how many of 25 entries are read, 10 at a time",
            &entries.len(),
            &expected,
        )?;
        after = entries.last().map_or(after, |entry| entry.mark);
        read.extend(entries.into_iter().map(|entry| entry.bytes));
    }
    require_same("what is read, 10 at a time", &read, &texts)
}

pub(super) async fn whatever_is_put_is_kept_whole(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let huge: Vec<u8> = every_byte.iter().copied().cycle().take(64 << 10).collect();
    let odd = vec![every_byte, Vec::new(), huge, b"\r\n$-1\r\n".to_vec()];
    one.put("a", 1, &odd).await?;
    let many: Vec<_> = (0..256_usize)
        .map(|at| at.to_string().repeat(1_300).into_bytes())
        .collect();
    one.put("a", 2, &many).await?;
    let read = two.all().await?;
    let is_same = read.len() == odd.len() + many.len()
        && read
            .iter()
            .zip(odd.iter().chain(&many))
            .all(|(read, put)| read == put);
    require("an entry is not read as it was put", is_same)
}

pub(super) async fn members_are_ranked_in_the_order_in_which_they_joined(
    one: &mut TestConnection<impl Session>,
    two: &mut TestConnection<impl Session>,
) -> Result<(), String> {
    let mut last = 0;
    for (rank, name) in (0..).zip(["c", "a", "b"]) {
        // No two may join within one tick of the broker's clock.
        async_io::Timer::after(Duration::from_millis(5)).await;
        let place = match rank {
            0 => one.put(name, 0, &[]).await?.place,
            1 => two.bid(name, 0, LONG_TERM).await?.place,
            _ => one.bid(name, 0, LONG_TERM).await?.place,
        };
        let found = (place.members, place.rank);
        require_same(
            "members, and how many joined before the last",
            &found,
            &(rank + 1, rank),
        )?;
        require_same("whether there is a leader", &place.has_leader, &(rank > 0))?;
        require("the broker's time goes back", place.time >= last)?;
        last = place.time;
    }
    let place = two.put("c", 1, &batch(&["one"])).await?.place;
    require_same(
        "members, and the rank of the first",
        &(place.members, place.rank),
        &(3, 0),
    )?;
    let place = one.bid("a", 0, LONG_TERM).await?.place;
    let what = "members, and the rank of the second, which was heard of again";
    require_same(what, &(place.members, place.rank), &(3, 1))?;
    let left = one.bid("c", 0, Duration::ZERO).await?.lead;
    require_same("to leave", &left, &Lead::Other)?;
    let place = one.put("a", 0, &[]).await?.place;
    let what = "members, and the rank of the second, after the first has left";
    require_same(what, &(place.members, place.rank), &(2, 0))?;
    require_same("whether there is a leader", &place.has_leader, &true)
}
