//! Claims about other lanes and fleets, simultaneous requests, and full streams.

use std::thread;

use super::{
    BrokerContract, LONG_TERM, NOTHING, TestConnection, batch, random_lane, require, require_same,
    term,
};
use crate::fleet::{Broker, Done, Lead, Mark, PutOutcome, Session};

/// The number of simultaneous members.
const THREADS: u64 = 6;

/// The number of batches from each.
const BATCHES: u64 = 20;

impl<B: Broker> BrokerContract<B> {
    /// Claims that entries, leases, known problems and the message in flight belong to one lane of
    /// one fleet.
    ///
    /// # Errors
    ///
    /// The claim that failed.
    pub fn nothing_crosses_lanes_or_fleets(&self) -> Result<(), String> {
        let (lane, other_lane) = (random_lane(), random_lane());
        let other_fleet = format!("{}-other", self.fleet);
        async_io::block_on(async {
            let mut here = self.asker(&self.fleet, &lane).await?;
            let epoch = here.take("a", LONG_TERM).await?.epoch;
            here.put("a", 1, &batch(&["one"])).await?;
            let done = Done {
                known: &[(7, b"seven".to_vec())],
                going: b"going",
                ..NOTHING
            };
            here.done(term("a", epoch, 1), &done).await?;
            let elsewhere = async |fleet: &str, lane: &str| {
                let mut there = self.asker(fleet, lane).await?;
                let stored = there.put("b", 0, &[]).await?;
                let found = (stored.place.members, stored.place.has_leader);
                require_same("members and a leader elsewhere", &found, &(1, false))?;
                require_same("what is read elsewhere", &there.all().await?, &Vec::new())?;
                let outcome = there.put("a", 1, &batch(&["two"])).await?.outcome;
                require_same("a number of elsewhere", &outcome, &PutOutcome::Stored)?;
                let takeover = there.take("b", LONG_TERM).await?;
                let left = (takeover.known, takeover.going);
                let what = "what is known and going elsewhere";
                require_same(what, &left, &(Vec::new(), Vec::new()))?;
                settle_all(&mut there, "b", takeover.epoch).await
            };
            elsewhere(&self.fleet, &other_lane).await?;
            elsewhere(&other_fleet, &lane).await?;
            let what = "what stays of a lane after others were settled";
            require_same(what, &here.all().await?, &batch(&["one"]))?;
            let kept = here.bid("a", epoch, LONG_TERM).await?.lead;
            require_same("its own lease", &kept, &Lead::Kept)
        })
    }

    /// Claims that of simultaneous bids for a lease one succeeds, and that simultaneous and
    /// repeated batches are stored once, each in one piece.
    ///
    /// # Errors
    ///
    /// The claim that failed.
    pub fn what_is_asked_at_once_is_done_one_after_the_other(&self) -> Result<(), String> {
        let lane = random_lane();
        let ask = |thread: u64| {
            async_io::block_on(async {
                let name = format!("{thread:032x}");
                let mut asker = self.asker(&self.fleet, &lane).await?;
                let lead = asker.bid(&name, 0, LONG_TERM).await?.lead;
                for number in 1..=BATCHES {
                    let entries =
                        [0_u8, 1, 2].map(|part| format!("{thread} {number} {part}").into_bytes());
                    for _ in 0..2 {
                        asker.put(&name, number, &entries).await?;
                    }
                }
                Ok::<_, String>(u64::from(matches!(lead, Lead::Taken(_))))
            })
        };
        let leaders = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| scope.spawn(move || ask(thread)))
                .collect();
            let joined = threads.into_iter().map(|thread| {
                let joined = thread.join();
                joined.unwrap_or_else(|_| Err("the broker panicked".to_owned()))
            });
            joined.sum::<Result<u64, String>>()
        })?;
        require_same("how many of those that ask at once lead", &leaders, &1)?;
        let read = async_io::block_on(async {
            let mut asker = self.asker(&self.fleet, &lane).await?;
            asker.all().await
        })?;
        let count = THREADS * BATCHES * 3;
        require_same("how many entries there are", &(read.len() as u64), &count)?;
        let is_whole = |batch: &[Vec<u8>]| {
            let head = |entry: &Vec<u8>| entry.split_last().map(|(_, head)| head.to_vec());
            let mut heads = batch.iter().map(head);
            let first = heads.next();
            heads.all(|head| Some(head) == first)
        };
        let what = "the entries of a batch are not one behind the other";
        require(what, read.chunks(3).all(is_whole))
    }

    /// Claims that a stream takes as many entries as the contract says and not one more, and
    /// nothing of a batch that does not fit.
    ///
    /// # Errors
    ///
    /// The claim that failed.
    pub fn a_full_stream_takes_all_of_a_batch_or_nothing(&self) -> Result<(), String> {
        let Some(limit) = self.most_entries else {
            return Ok(());
        };
        let lane = random_lane();
        async_io::block_on(async {
            let mut asker = self.asker(&self.fleet, &lane).await?;
            let most = vec![b"first".to_vec(); limit.saturating_sub(1)];
            for (number, entries) in (1..).zip(most.chunks(256)) {
                let outcome = asker.put("a", number, entries).await?.outcome;
                require_same("a batch below the limit", &outcome, &PutOutcome::Stored)?;
            }
            let two = batch(&["next", "last"]);
            for _ in 0..2 {
                let outcome = asker.put("b", 1, &two).await?.outcome;
                let what = format!("one entry above the limit of {limit}");
                require_same(&what, &outcome, &PutOutcome::Full)?;
            }
            let outcome = asker.put("b", 1, &batch(&["last"])).await?.outcome;
            let what = "the last entry that there is room for, under a number that was refused";
            require_same(what, &outcome, &PutOutcome::Stored)?;
            let epoch = asker.take("a", LONG_TERM).await?.epoch;
            settle_all(&mut asker, "a", epoch).await?;
            let outcome = asker.put("b", 2, &two).await?.outcome;
            require_same(
                "a batch after all is settled",
                &outcome,
                &PutOutcome::Stored,
            )
        })
    }
}

/// Settles every entry in the stream of a lane.
async fn settle_all(
    asker: &mut TestConnection<impl Session>,
    name: &str,
    epoch: u64,
) -> Result<(), String> {
    let entries = asker.read(Mark::default(), 10_000).await?;
    let settled: Vec<_> = entries.iter().map(|entry| entry.mark).collect();
    let done = Done {
        settled: &settled,
        ..NOTHING
    };
    let held = asker.done(term(name, epoch, 1), &done).await?;
    require_same("whether the lease is held", &held, &true)?;
    require_same("what stays", &asker.all().await?, &Vec::new())
}
