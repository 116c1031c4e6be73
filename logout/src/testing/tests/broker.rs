//! Brokers that break the contract, each in one way: a contract that everybody keeps proves nothing.

use std::time::Duration;

use crate::fleet::{
    Bid, Broker, BrokerFault, Done, Entry, LeadAnswer, Mark, Memory, MemorySession, Put, PutAnswer,
    Session, Term,
};
use crate::testing::BrokerContract;

type Claim<B> = fn(&BrokerContract<B>) -> Result<(), String>;

/// Returns every claim of the contract, with its name.
pub(crate) fn claims<B: Broker>() -> Vec<(&'static str, Claim<B>)> {
    macro_rules! claims {
        ($($claim:ident)+) => {
            vec![$((stringify!($claim), BrokerContract::$claim as Claim<B>)),+]
        };
    }
    crate::broker_contract!(@all [claims])
}

mod memory {
    use super::{BrokerContract, Memory};

    crate::broker_contract!(BrokerContract::new(Memory::default()).most_entries(4_096));
}

mod nowhere {
    use super::{BrokerContract, Memory};

    crate::broker_contract!(None::<BrokerContract<Memory>>);
}

/// A defect of a broker.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Defect {
    ForgetsNumbers,
    ReadsBackwards,
    ReadsAllThatThereIs,
    CutsEntries,
    GivesTheLeaseToAll,
    LeasesLapseEarly,
    LeasesStay,
    GivesUpForOthers,
    SettlesForAll,
    SettlesAgain,
    KeepsWhatIsSettled,
    ForgetsWhatIsKnown,
    ForgetsWhatIsGoing,
    TellsWhatIsKnownToNobody,
    MixesLanes,
    MixesFleets,
    RanksAnew,
    SplitsBatches,
    Hangs,
}

use Defect::*;

/// Each defect with a claim that finds it, and the error.
const BROKEN: [(Defect, &str, &str); 20] = [
    (
        ForgetsNumbers,
        "a_batch_that_is_put_again_is_there_once",
        "the same batch again: expected Duplicate, found Stored",
    ),
    (
        ReadsBackwards,
        "entries_are_read_in_the_order_in_which_they_were_put",
        "what is read: expected",
    ),
    (
        ReadsAllThatThereIs,
        "a_read_returns_no_more_than_it_is_asked_for",
        "how many of 25 entries are read, 10 at a time: expected 10, found 25",
    ),
    (
        CutsEntries,
        "whatever_is_put_is_kept_whole",
        "an entry is not read as it was put",
    ),
    (
        GivesTheLeaseToAll,
        "one_leads_at_a_time",
        "the lease of another: expected Other, found Taken",
    ),
    (
        LeasesLapseEarly,
        "a_lease_lasts_for_its_term_and_lapses_after_it",
        "a lease that is renewed: expected Kept, found Taken",
    ),
    (
        LeasesStay,
        "a_lease_lasts_for_its_term_and_lapses_after_it",
        "a lease of 1.5s has not lapsed after",
    ),
    (
        GivesUpForOthers,
        "a_lease_that_is_given_up_is_free",
        "whether there is a leader after another has given up",
    ),
    (
        SettlesForAll,
        "nothing_is_settled_without_the_lease",
        "whether a lease is held that nobody has taken: expected false",
    ),
    (
        SettlesAgain,
        "a_request_that_comes_late_does_nothing",
        "what stays",
    ),
    (
        KeepsWhatIsSettled,
        "what_is_settled_is_gone_and_the_rest_stays",
        "what stays",
    ),
    (
        ForgetsWhatIsKnown,
        "the_next_leader_finds_what_is_known_and_what_was_going",
        "what is known",
    ),
    (
        ForgetsWhatIsGoing,
        "the_next_leader_finds_what_is_known_and_what_was_going",
        "what was going",
    ),
    (
        TellsWhatIsKnownToNobody,
        "the_next_leader_finds_what_is_known_and_what_was_going",
        "what is known under a number: expected",
    ),
    (
        MixesLanes,
        "nothing_crosses_lanes_or_fleets",
        "members and a leader elsewhere: expected (1, false), found (2, true)",
    ),
    (
        MixesFleets,
        "nothing_crosses_lanes_or_fleets",
        "members and a leader elsewhere: expected (1, false), found (2, true)",
    ),
    (
        RanksAnew,
        "members_are_ranked_in_the_order_in_which_they_joined",
        "members, and the rank of the second, which was heard of again",
    ),
    (
        SplitsBatches,
        "a_full_stream_takes_all_of_a_batch_or_nothing",
        "the last entry that there is room for",
    ),
    (
        SplitsBatches,
        "what_is_asked_at_once_is_done_one_after_the_other",
        "the entries of a batch are not one behind the other",
    ),
    (
        Hangs,
        "one_leads_at_a_time",
        "`lead`: there was no answer within 3s",
    ),
];

/// A broker in memory with a defect.
#[derive(Clone, Debug)]
struct Broken(Defect);

impl Broker for Broken {
    async fn connect(&self, fleet: String) -> Result<impl Session, BrokerFault> {
        let Self(defect) = *self;
        let fleet = match defect {
            MixesFleets => "one".to_owned(),
            _ => fleet,
        };
        Ok(BrokenSession {
            memory: MemorySession::for_fleet(&format!("{defect:?} {fleet}")),
            defect,
        })
    }
}

struct BrokenSession {
    memory: MemorySession,
    defect: Defect,
}

impl BrokenSession {
    fn lane<'l>(&self, lane: &'l str) -> &'l str {
        match self.defect {
            MixesLanes => "one",
            _ => lane,
        }
    }
}

impl Session for BrokenSession {
    async fn put(&mut self, lane: &str, put: &Put<'_>) -> Result<PutAnswer, BrokerFault> {
        let lane = self.lane(lane);
        let anew = format!("{:x}", fastrand::u64(..));
        let cut = put
            .entries
            .iter()
            .map(|entry| entry[..entry.len().min(1_000)].to_vec());
        let cut: Vec<_> = cut.collect();
        let put = match self.defect {
            ForgetsNumbers if put.number > 0 => Put {
                sender: &anew,
                ..*put
            },
            CutsEntries => Put {
                entries: &cut,
                ..*put
            },
            SplitsBatches if put.number > 0 => {
                let mut answer = self.memory.put(lane, &Put { number: 0, ..*put }).await?;
                for (part, entry) in (1..).zip(put.entries.chunks(1)) {
                    let part = Put {
                        number: put.number * 1_000 + part,
                        entries: entry,
                        ..*put
                    };
                    answer = self.memory.put(lane, &part).await?;
                    if put.entries.len() == 3 {
                        async_io::Timer::after(Duration::from_millis(1)).await;
                    }
                }
                return Ok(answer);
            }
            _ => *put,
        };
        self.memory.put(lane, &put).await
    }

    async fn lead(&mut self, lane: &str, bid: &Bid<'_>) -> Result<LeadAnswer, BrokerFault> {
        let mut bid = *bid;
        let of_asker = format!("{lane} {}", bid.name);
        let lane = match self.defect {
            GivesTheLeaseToAll => &of_asker,
            _ => self.lane(lane),
        };
        match self.defect {
            LeasesLapseEarly => bid.term /= 4,
            LeasesStay if !bid.term.is_zero() => bid.term = Duration::from_secs(3_600),
            GivesUpForOthers if bid.term.is_zero() => self.memory.revoke_lease(lane),
            RanksAnew => {
                let leave = Bid {
                    term: Duration::ZERO,
                    ..bid
                };
                self.memory.lead(lane, &leave).await?;
            }
            Hangs => std::future::pending().await,
            _ => {}
        }
        self.memory.lead(lane, &bid).await
    }

    async fn read(
        &mut self,
        lane: &str,
        after: Mark,
        most: usize,
    ) -> Result<Vec<Entry>, BrokerFault> {
        let most = match self.defect {
            ReadsAllThatThereIs => usize::MAX,
            _ => most,
        };
        let mut entries = self.memory.read(self.lane(lane), after, most).await?;
        if self.defect == ReadsBackwards {
            entries.reverse();
        }
        Ok(entries)
    }

    async fn known(&mut self, lane: &str, number: u64) -> Result<Option<Vec<u8>>, BrokerFault> {
        let known = self.memory.known(self.lane(lane), number).await?;
        Ok(known.filter(|_| self.defect != TellsWhatIsKnownToNobody))
    }

    async fn done(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        done: &Done<'_>,
    ) -> Result<bool, BrokerFault> {
        let (mut term, mut done) = (*term, *done);
        match self.defect {
            SettlesAgain => term.number = 100 - term.number,
            KeepsWhatIsSettled => done.settled = &[],
            ForgetsWhatIsKnown => done.known = &[],
            ForgetsWhatIsGoing => done.going = &[],
            _ => {}
        }
        let held = self.memory.done(self.lane(lane), &term, &done).await?;
        Ok(held || self.defect == SettlesForAll)
    }
}

#[test]
fn each_defect_of_a_broker_is_found_and_named() {
    for (defect, claim, expected) in BROKEN {
        let claims = claims::<Broken>();
        let (_, tried) = claims.iter().find(|(name, _)| *name == claim).unwrap();
        let contract = BrokerContract::new(Broken(defect)).most_entries(4_096);
        let found = tried(&contract).expect_err(claim);
        assert!(found.contains(expected), "{defect:?}: {found}");
    }
}
