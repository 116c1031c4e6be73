use std::time::{Duration, Instant};

use tracing::Level;

use super::{SITES, report};
use crate::adapter::{Notice, Severity};
use crate::block::{Format, Scrub};
use crate::config::FieldSelection;
use crate::event::{EventRules, LazySite, Site};
use crate::message::Losses;
use crate::message::Reason;
use crate::message::{Composer, Mask, MessageFormat, ProgramInfo, Scrubber};

fn event_text(losses: &Losses, over: bool) -> Notice {
    let composer = Composer {
        origin: &ProgramInfo::default(),
        scrubber: &Scrubber::new(&[], &[Scrub::Default]),
        mask: &Mask::default(),
        shown: &FieldSelection::All,
        rules: EventRules::default(),
        format: &MessageFormat::Block(Format::Message),
        utc: true,
    };
    report(&composer, losses, Duration::from_secs(30), over)
}

fn lost(sites: u32) -> Losses {
    let mut losses = Losses::default();
    for line in 1..=sites {
        let site = Site {
            target: "shop".to_owned(),
            file: Some("src/pay.rs".to_owned()),
            line: Some(line),
        };
        losses.add(
            Reason::Threshold,
            Level::ERROR,
            LazySite::Site(site),
            1_000,
            Instant::now(),
        );
    }
    losses
}

#[test]
fn a_report_counts_by_reason_level_and_call_site() {
    let notice = event_text(&lost(2), false);
    assert_eq!(notice.severity, Severity::Report);
    assert_eq!(
        notice.headline,
        "2,000 events were not delivered in the last 30 s"
    );
    let lines: Vec<_> = notice.body.lines().collect();
    assert_eq!(lines[0], "queue full: 2,000 (ERROR 2,000)");
    assert_eq!(
        lines[1..3],
        ["shop src/pay.rs:1 1,000", "shop src/pay.rs:2 1,000"]
    );
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_report_explains_what_most_of_its_losses_mean() {
    let explained = |reason: Reason, few: Option<Reason>| {
        let mut losses = Losses::default();
        for (reason, events) in [(Some(reason), 9), (few, 4), (Some(Reason::Muted), 70)] {
            let site = Site {
                target: "shop".to_owned(),
                file: None,
                line: None,
            };
            if let Some(reason) = reason {
                losses.add(
                    reason,
                    Level::ERROR,
                    LazySite::Site(site),
                    events,
                    Instant::now(),
                );
            }
        }
        let body = event_text(&losses, false).body;
        body.lines().next_back().unwrap().to_owned()
    };
    for (reason, word) in [
        (Reason::Threshold, "logs faster"),
        (Reason::Evicted, "logs faster"),
        (Reason::Expired, "`max_age`"),
        (Reason::SwitchedOff, "`max_age`"),
        (Reason::Rejected, "refuses"),
        (Reason::Shutdown, "`shutdown_timeout`"),
        (Reason::WorkerDied, "fault of logout's"),
    ] {
        for few in [None, Some(Reason::Threshold), Some(Reason::Rejected)] {
            if few == Some(reason) {
                continue;
            }
            let said = explained(reason, few);
            assert!(said.contains(word), "{reason:?}: {said}");
            assert!(!said.contains('\n') && said.ends_with('.'));
        }
    }
}

#[test]
fn what_is_muted_is_told_and_is_no_part_of_what_was_lost() {
    let mut losses = lost(1);
    let site = Site {
        target: "shop::noise".to_owned(),
        file: None,
        line: None,
    };
    let later = Instant::now() + Duration::from_secs(60);
    losses.add(
        Reason::Muted,
        Level::WARN,
        LazySite::Site(site),
        5_000,
        later,
    );
    let notice = event_text(&losses, false);
    assert_eq!(
        notice.headline,
        "1,000 events were not delivered in the last 30 s"
    );
    assert!(
        notice.body.contains("\nmuted: 5,000 (WARN 5,000)\n"),
        "{}",
        notice.body
    );
    assert!(!notice.body.contains("noise"), "{}", notice.body);
    assert!(
        losses.are_over(later, Duration::from_secs(30)),
        "the noise goes on"
    );
    assert_eq!(losses.unlogged(), 1_000);
}

#[test]
fn a_long_table_ends_with_how_many_more_there_are() {
    let sites = u32::try_from(SITES).unwrap() + 37;
    let notice = event_text(&lost(sites), true);
    assert!(
        notice.body.contains("\n… and 37 more call sites, 37,000\n"),
        "{}",
        notice.body
    );
    assert!(
        notice
            .body
            .contains("\nIt is over: nothing has been lost since "),
        "{}",
        notice.body
    );
}
