use std::time::{Duration, Instant, SystemTime};

use proptest::prelude::*;
use tracing::{error, warn};

use super::{CollectiveText, DigestEntry, SentState, digest};
use crate::adapter::{Notice, ProblemState, Severity};
use crate::block::{Format, Scrub};
use crate::config::FieldSelection;
use crate::event::{Event, EventRules, ShownFingerprint};
use crate::handle::bench::captured;
use crate::message::{
    Collective, Composer, DeliveryState, Mask, MessageFormat, ProgramInfo, Scrubber,
};

fn event_text(
    entries: &[DigestEntry<'_>],
    room: usize,
    delivery: DeliveryState,
) -> (Notice, usize) {
    let composer = Composer {
        origin: &ProgramInfo::default(),
        scrubber: &Scrubber::new(&[], &[Scrub::Default]),
        mask: &Mask::default(),
        shown: &FieldSelection::All,
        rules: EventRules::default(),
        format: &MessageFormat::Block(Format::Message),
        utc: true,
    };
    digest(&composer, entries, room, 1, delivery)
}

fn group<'e>(event: &'e Event, events: u64, last: Option<&'e str>) -> DigestEntry<'e> {
    let (first, now) = (event.view(), Instant::now());
    DigestEntry {
        known: None,
        rose: false,
        sites: Vec::new(),
        silent: Duration::ZERO,
        first,
        last,
        last_time: first.time() + Duration::from_secs(34),
        events,
        level: first.level(),
        fingerprint: ShownFingerprint::beside(0x3fa9_c1d2_0000_0001, []),
        collective: None,
        new: true,
        oldest: now,
        newest: now + Duration::from_secs(34),
    }
}

#[test]
fn one_event_alone_is_told_whole_and_without_a_number() {
    let events = captured(|| error!(order = 42, "payment failed"));
    let (notice, taken) = event_text(&[group(&events[0], 1, None)], 10, DeliveryState::default());
    assert_eq!((notice.headline.as_str(), taken), ("payment failed", 1));
    assert_eq!(notice.fields[0].name, "order");
}

#[test]
fn a_group_alone_says_how_often_the_last_and_when() {
    let events = captured(|| error!("payment 1 failed"));
    let told = |last, seconds| {
        let mut entry = group(&events[0], 1_204, last);
        entry.last_time = entry.first.time() + Duration::from_secs(seconds);
        let (notice, _) = event_text(&[entry], 1_000, DeliveryState::default());
        assert_eq!(notice.headline, "×1,204 payment 1 failed");
        // The last line of the message shows it, and the time of the first.
        assert!(
            !notice.body.contains(&notice.fingerprint),
            "{}",
            notice.body
        );
        notice.body
    };
    let is_time = |text: &str| text.len() == "12:05:02".len() && text.matches(':').count() == 2;
    let other = told(Some("payment 1204 failed"), 34);
    let time = other.strip_prefix("last: payment 1204 failed · ");
    assert!(time.is_some_and(is_time), "{other}");
    let same = told(Some("payment 1 failed"), 34);
    let time = same.strip_prefix("last at ");
    assert!(time.is_some_and(is_time), "{same}");
    assert_eq!(
        told(Some("payment 1204 failed"), 0),
        "last: payment 1204 failed"
    );
    assert_eq!(told(None, 0), "");
}

#[test]
fn several_groups_are_summed_up_and_the_gravest_and_most_frequent_read_first() {
    let events = captured(|| {
        warn!("cache cold");
        error!("once");
        error!("a thousand times");
    });
    let mut entries = [
        group(&events[0], 12, None),
        group(&events[1], 1, None),
        group(&events[2], 1_242, None),
    ];
    entries[1].new = false;
    let (notice, taken) = event_text(&entries, 1_000, DeliveryState::default());
    assert_eq!(taken, 3);
    assert_eq!(notice.severity, Severity::Error);
    assert_eq!(
        notice.headline,
        "×1,242 a thousand times · and 2 more (1,243 errors, 12 warnings in 34 s)"
    );
    let heads: Vec<_> = notice
        .body
        .lines()
        .filter(|line| !line.starts_with(' '))
        .collect();
    assert!(
        heads[0].starts_with("🔥 ×1,242 (new) a thousand times"),
        "{heads:?}"
    );
    assert!(heads[1].starts_with("⚠️ ×12 (new) cache cold"), "{heads:?}");
    assert!(heads[2].starts_with("🔥 once · "), "{heads:?}");
}

#[test]
fn a_clock_that_was_set_between_first_and_last_changes_only_the_times_shown() {
    let events = captured(|| {
        error!("before");
        error!("after");
    });
    let mut entries = [group(&events[0], 2, None), group(&events[1], 1, None)];
    let years = Duration::from_secs(50 * 365 * 86_400);
    for last_time in [SystemTime::UNIX_EPOCH, SystemTime::now() + years] {
        for entry in &mut entries {
            entry.last_time = last_time;
        }
        let (notice, _) = event_text(&entries, 1_000, DeliveryState::default());
        assert_eq!(notice.headline, "×2 before · and 1 more (3 errors in 34 s)");
    }
}

#[test]
fn lateness_and_a_possible_repeat_are_said_in_front() {
    let events = captured(|| error!("payment failed"));
    let late = |seconds, possible_repeat| {
        let delivery = DeliveryState {
            tells_all: false,
            age: Duration::from_secs(seconds),
            possible_repeat,
            routed: true,
        };
        event_text(&[group(&events[0], 1, None)], 100, delivery)
            .0
            .context()
    };
    assert_eq!(late(30, false), "");
    assert_eq!(late(360, false), "delayed 6 min");
    assert_eq!(late(360, true), "delayed 6 min · possible repeat");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 64 }))]

    /// Checks that a digest is never longer than its room, holds the first groups whole, and counts
    /// them.
    #[test]
    fn a_digest_stays_in_its_room(texts in prop::collection::vec("[a-z\n🔥]{1,600}", 2..40), times in 1u64..5_000, room in 500usize..9_000) {
        let events = captured(|| for text in &texts { error!("{text}"); });
        let entries: Vec<_> = events.iter().map(|event| group(event, times, Some("the last of them"))).collect();
        let (notice, taken) = event_text(&entries, room, DeliveryState::default());
        prop_assert!(taken >= 1 && taken <= entries.len());
        if taken > 1 {
            let length = notice.body.chars().count();
            prop_assert!(length <= room, "{length} in {room}");
            prop_assert_eq!(notice.body.matches("🔥 ").count() >= taken, true);
            let sum = crate::text::human::format_count(times * taken as u64);
            let sum = format!("more ({sum} errors in 34 s)");
            prop_assert!(notice.headline.ends_with(&sum), "{}", notice.headline);
        }
    }
}

#[test]
fn what_is_new_is_told_as_whole_as_the_room_allows() {
    let events = captured(|| {
        let _checkout = tracing::info_span!("checkout", cart = 7).entered();
        error!(order = 42, "payment failed");
        error!(disk = "sda", "disk full");
    });
    let entries = [group(&events[0], 1, None), group(&events[1], 1, None)];
    let (notice, taken) = event_text(&entries, 2_800, DeliveryState::default());
    for shown in ["order: 42", "disk: sda", "checkout{cart=7}", "tests.rs:"] {
        assert!(notice.body.contains(shown), "{}", notice.body);
    }
    assert_eq!(taken, 2);
    // If not all of it fits, the first is shown in full, and no event is left out for it.
    let (bare, _) = event_text(&[], 0, DeliveryState::default());
    assert!(bare.body.is_empty());
    let known = entries.clone().map(|entry| DigestEntry {
        new: false,
        ..entry
    });
    let least = event_text(&known, 2_800, DeliveryState::default()).0.body;
    let room = least.chars().count() + 10;
    let (tight, taken) = event_text(&entries, room, DeliveryState::default());
    assert_eq!((tight.body, taken), (least, 2));
}

#[test]
fn texts_that_are_told_together_are_counted_each_and_a_masked_error_is_none() {
    let error = std::io::Error::other("no such user");
    let error = &error as &dyn std::error::Error;
    let events = captured(|| {
        error!(error, "login of ada failed");
        error!(iban = error, "login of bob failed");
        error!("login of cleo failed\nafter three tries");
    });
    let mut texts: Vec<_> = events
        .iter()
        .map(|event| CollectiveText::of(&event.view()))
        .collect();
    texts[0].events = 1_200;
    let entry = DigestEntry {
        collective: Some((Collective::Texts, &texts)),
        ..group(&events[0], 1_210, Some("login of zoe failed"))
    };
    let composer = Composer {
        origin: &ProgramInfo::default(),
        scrubber: &Scrubber::new(&[], &[Scrub::Default]),
        mask: &Mask::default().changed(&["iban".to_owned()]).unwrap(),
        shown: &FieldSelection::All,
        rules: EventRules::default(),
        format: &MessageFormat::Block(Format::Message),
        utc: true,
    };
    let (notice, _) = digest(&composer, &[entry], 1_000, 1, DeliveryState::default());
    let lines: Vec<_> = notice.body.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "and other texts:",
            "×1,200 login of ada failed: no such user",
            "×1 login of bob failed",
            "×1 login of cleo failed",
            "and 8 more",
        ]
    );
    assert!(lines[5].starts_with("last at "), "{lines:?}");
}

#[test]
fn a_message_of_nothing_but_quiet_problems_says_so_and_counts_no_events() {
    let events = captured(|| error!("payment failed"));
    let quiet = || DigestEntry {
        known: Some(SentState {
            state: ProblemState::Quiet,
            count: 41,
            first_seen: SystemTime::UNIX_EPOCH,
            ago: Duration::from_secs(60),
        }),
        new: false,
        ..group(&events[0], 0, None)
    };
    let (notice, _) = event_text(&[quiet(), quiet()], 4_000, DeliveryState::default());
    assert_eq!(
        notice.headline,
        "×41 payment failed · and 1 more (quiet now)"
    );
}
