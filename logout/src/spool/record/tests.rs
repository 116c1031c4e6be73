use proptest::prelude::*;

use super::parts::MOST_EVENTS;
use super::{
    ParsedRecord, Record, StoredGroup, StoredOrigin, StoredProblems, StoredSite, pieces, records,
};
#[cfg(feature = "fleet")]
use super::{StoredLoss, StoredLosses};
use crate::spool::history::Sighting;
use crate::spool::process_run::ProcessRun;

fn site() -> impl Strategy<Value = StoredSite> {
    (
        any::<String>(),
        any::<String>(),
        any::<u32>(),
        0..MOST_EVENTS,
    )
        .prop_map(|(target, file, line, events)| StoredSite {
            target,
            file,
            line,
            events,
        })
}

fn origin() -> impl Strategy<Value = StoredOrigin> {
    let all = (any::<[String; 4]>(), any::<u64>());
    all.prop_map(
        |([project, environment, host, release], process)| StoredOrigin {
            project,
            environment,
            host,
            release,
            process,
            #[cfg(feature = "fleet")]
            clock: process.cast_signed(),
        },
    )
}

prop_compose! {
    fn group()(
        numbers in any::<[u64; 7]>(),
        bytes in any::<[u8; 2]>(),
        texts in any::<[String; 2]>(),
        flags in any::<[bool; 2]>(),
        first in any::<Vec<u8>>(),
        origin in origin(),
        sites in prop::collection::vec(site(), 0..3),
    ) -> StoredGroup {
        let [id, fingerprint, events, last_time, written, oldest_age, newest_age] = numbers;
        let events = events.min(MOST_EVENTS);
        let [lane, last] = texts;
        StoredGroup {
            id,
            lane,
            fingerprint,
            collective: bytes[0],
            level: bytes[1],
            events,
            first,
            last,
            last_time,
            written,
            oldest_age,
            newest_age,
            origin,
            in_flight: flags[0],
            counted: flags[1],
            sites,
            #[cfg(feature = "fleet")]
            brief: !flags[1],
            #[cfg(feature = "fleet")]
            hosts: vec!["web-1".to_owned(), "web-2".to_owned()],
        }
    }
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        group().prop_map(Record::Group),
        group().prop_map(|group| {
            Record::Change(StoredGroup {
                id: group.id,
                events: group.events,
                level: group.level,
                last: group.last,
                last_time: group.last_time,
                written: group.written,
                oldest_age: group.oldest_age,
                newest_age: group.newest_age,
                in_flight: group.in_flight,
                counted: group.counted,
                first: group.first,
                ..StoredGroup::default()
            })
        }),
        (any::<Vec<(u8, String)>>(), any::<Vec<[u32; 6]>>()).prop_map(|(releases, numbers)| {
            let problems = numbers.into_iter().map(|numbers| Sighting {
                fingerprint: numbers[0].into(),
                first_seen: numbers[1],
                last_seen: numbers[2],
                first_told: numbers[3],
                last_told: numbers[4],
                events: numbers[5].into(),
                level: 1,
                release: 2,
            });
            let problems = problems.collect();
            Record::Problems(StoredProblems { releases, problems })
        }),
        any::<u64>().prop_map(Record::Gone),
        (
            any::<[u32; 2]>(),
            any::<bool>(),
            any::<[String; 2]>(),
            any::<Vec<u32>>()
        )
            .prop_map(|([started, killed], has_ended, [boot, group], crashes)| {
                Record::Run(ProcessRun {
                    started,
                    has_ended,
                    boot,
                    group,
                    killed: killed.into(),
                    crashes,
                })
            }),
    ]
}

#[cfg(feature = "fleet")]
prop_compose! {
    fn losses()(
        counts in prop::collection::vec((any::<String>(), any::<u8>(), 0..MOST_EVENTS), 0..3),
        sites in prop::collection::vec(site(), 0..3),
        others in 0..MOST_EVENTS,
        last_time in any::<u64>(),
        host in any::<String>(),
        process in any::<u64>(),
    ) -> StoredLosses {
        let counts = counts.into_iter().map(|(reason, level, events)| StoredLoss {
            reason,
            level,
            events,
        });
        StoredLosses {
            counts: counts.collect(),
            sites,
            others,
            last_time,
            hosts: vec![host.clone()].into_iter().filter(|host| !host.is_empty()).collect(),
            origin: StoredOrigin { host, process, ..StoredOrigin::default() },
        }
    }
}

#[cfg(feature = "fleet")]
proptest! {
    #[test]
    fn losses_that_are_written_are_read(given in losses()) {
        let mut bytes = Vec::new();
        Record::Losses(given.clone()).write(&mut bytes);
        prop_assert_eq!(super::read_all(&bytes), Some(vec![Record::Losses(given)]));
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(given in prop::collection::vec(record(), 0..4)) {
        let mut bytes = Vec::new();
        given.iter().for_each(|record| record.write(&mut bytes));
        let read: Vec<_> = records(&bytes).collect();
        prop_assert_eq!(read, given.into_iter().map(ParsedRecord::Record).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_read_to_an_end(bytes in any::<Vec<u8>>(), most in any::<usize>()) {
        prop_assert!(records(&bytes).count() <= bytes.len());
        prop_assert_eq!(pieces(&bytes, most).collect::<Vec<_>>().concat(), bytes);
    }

    #[test]
    fn records_are_cut_between_two_of_them(given in prop::collection::vec(record(), 0..6), most in 0_usize..400) {
        let mut bytes = Vec::new();
        given.iter().for_each(|record| record.write(&mut bytes));
        let pieces: Vec<_> = pieces(&bytes, most).collect();
        for piece in &pieces {
            let read: Vec<_> = records(piece).collect();
            prop_assert!(piece.len() <= most || read.len() == 1);
            prop_assert!(read.iter().all(|found| matches!(found, ParsedRecord::Record(_))));
        }
        prop_assert_eq!(pieces.concat(), bytes);
    }

    #[test]
    fn a_newer_version_is_known_for_one(given in record(), version in super::VERSION + 1..) {
        let mut bytes = Vec::new();
        given.write(&mut bytes);
        bytes[0] = version;
        prop_assert_eq!(records(&bytes).collect::<Vec<_>>(), [ParsedRecord::Newer]);
    }
}

#[test]
fn a_part_that_a_later_release_added_is_skipped() {
    let mut bytes = Vec::new();
    Record::Gone(7).write(&mut bytes);
    let added = [200, 0, 3, 0, 0, 0, 1, 2, 3];
    bytes.splice(6..6, added);
    bytes[2] += u8::try_from(added.len()).unwrap();
    let read: Vec<_> = records(&bytes).collect();
    assert_eq!(read, [ParsedRecord::Record(Record::Gone(7))]);
}
