//! Tests of what is read from the texts that logout writes.

use serde_json::json;

use super::super::{Details, DiscordDetails, TelegramDetails};
use super::{ProblemStage, Summary};

fn read(text: &str) -> Summary {
    Summary::read(text, &Details::Telegram(TelegramDetails::default()))
}

#[test]
fn a_first_message_is_new_and_brings_its_trail() {
    let summary = read(
        "🔥 payment failed: card declined\n\
         Corner Shop · production · web-7 · 1.4.2\n\
         caused by: gateway answered 402\n\
         trail\n\
         00:13:20.591 INFO charging card=visa\n\
         00:13:20.702 WARN slow\n\
         customer c_1837 · elapsed_ms 12.5\n\
         shop examples/shop.rs:102 · #143e34 · 2026-11-29 00:13:20 UTC",
    );
    let expected = Summary {
        state: ProblemStage::New,
        level: "error",
        program: "Corner Shop".to_owned(),
        events: 1,
        problems: 1,
        change: String::new(),
        fingerprint: "143e34".to_owned(),
        trail: vec![
            "00:13:20.591 INFO charging card=visa".to_owned(),
            "00:13:20.702 WARN slow".to_owned(),
        ],
    };
    assert_eq!(summary, expected);
}

#[test]
fn a_reminder_says_how_many_more_and_what_is_worse_has_its_place() {
    let change = "since 12:04, +1,310 in the last 5 min";
    let reminder = read(&format!("🔥 ×1,404 it broke\nShop\n{change}\n#143e34"));
    assert_eq!(
        (reminder.state, reminder.events),
        (ProblemStage::Known, 1_310)
    );
    assert_eq!(reminder.change, change);
    let worse = read(&format!(
        "🔥 ×2 it broke\nShop\n{change}\nshop src/a.rs:1 · #143e34"
    ));
    assert_eq!(worse.state, ProblemStage::Worse);
    let quiet = "no more for 15 min (1,204 from 12:04 to 12:31)";
    let quiet = read(&format!("🔥 it broke\nShop\n{quiet}\n#143e34"));
    assert_eq!((quiet.state, quiet.events), (ProblemStage::Quiet, 0));
}

#[test]
fn a_digest_tells_how_many_problems_and_events() {
    let text = "🔥 ×3 it broke · and 2 more (1,242 errors, 12 warnings in 34 s)\nShop";
    let digest = read(text);
    assert_eq!(
        (digest.state, digest.events, digest.problems),
        (ProblemStage::New, 1_254, 3)
    );
    let reminders = read("⚠️ it broke · and 1 more (+1 error, 2 warnings)\nShop");
    assert_eq!(
        (reminders.state, reminders.events),
        (ProblemStage::Known, 3)
    );
    let quiet = read("🔥 it broke · and 1 more (quiet now)\nShop");
    assert_eq!(
        (quiet.state, quiet.events, quiet.problems),
        (ProblemStage::Quiet, 0, 2)
    );
}

#[test]
fn what_is_said_of_the_delivery_is_no_program() {
    let summary =
        read("📉 1 event was not delivered\ndelayed 6 min · possible repeat · Shop · web-7");
    assert_eq!(
        (summary.state, summary.program.as_str()),
        (ProblemStage::Report, "Shop")
    );
}

#[test]
fn discord_names_the_program_in_its_footer() {
    let footer = json!({ "footer": { "text": "Corner Shop · vm\nshop src/a.rs:1 · #143e34" } });
    let details = Details::Discord(DiscordDetails {
        embeds: vec![footer],
        ..DiscordDetails::default()
    });
    let text = "🔥 it broke\ncustomer: c_1837\nCorner Shop · vm\nshop src/a.rs:1 · #143e34";
    let summary = Summary::read(text, &details);
    assert_eq!(summary.program, "Corner Shop");
    assert_eq!(
        (summary.state, summary.fingerprint.as_str()),
        (ProblemStage::New, "143e34")
    );
}

#[test]
fn what_logout_did_not_write_is_something_else() {
    assert_eq!(read("hello"), Summary::default());
    assert_eq!(read(""), Summary::default());
}
