//! Messages of Slack under any log text: their parts, their limits, and text that stays text.

use logout::adapter::{NoticeField, Response, Step};
use logout::testing::samples;
use logout::{Notice, Slack};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::json;
use tracing::Level;

use crate::judge::hostile::notice;
use crate::judge::plain_text::is_plain;
use crate::judge::settings::adapter;
use crate::judge::slack::{judge, log_text, message};

fn slack() -> Slack {
    adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_of_the_log_is_syntax(notice in notice()) {
        let slack = slack();
        let (first, mut followed) = message(&slack, &notice, Step::default());
        judge(&notice, &first);
        if !followed && is_plain(&notice.body) && is_plain(&notice.headline) && notice.backtrace.is_empty()
            && notice.headline.len() < 60 && notice.fields.is_empty() && !notice.headline.contains('\n')
        {
            let shown = log_text(&first);
            let behind = shown.strip_prefix(&notice.body);
            assert!(
                behind.is_some_and(|behind| behind.is_empty()
                    || !notice.trail_title().is_empty() && behind.trim_start().starts_with("trail")),
                "{shown:?} is not {:?}",
                notice.body
            );
        }
        let answer = Response::new(200);
        let mut step = Step::default();
        while followed {
            step = step.next(&answer);
            assert!(step.part < 3);
            let (next, further) = message(&slack, &notice, step);
            judge(&notice, &next);
            followed = further;
        }
        judge(&notice, &message(&slack, &notice, Step::plain()).0);
    }
}

#[test]
fn a_long_text_follows_in_parts_and_names_what_is_left_out() {
    let slack = slack();
    let mut notice = Notice::new(Level::ERROR, "storm");
    let lines: Vec<_> = (0..400)
        .map(|line| format!("{line}: {}", "x".repeat(30)))
        .collect();
    notice.body = lines.join("\n");
    let (first, followed) = message(&slack, &notice, Step::default());
    assert!(followed && log_text(&first).starts_with("0: xxx"));
    let answer = Response::new(200);
    let (second, followed) = message(&slack, &notice, Step::default().next(&answer));
    assert!(followed);
    assert_eq!(second["text"], "🔥 storm (2/3)");
    let (third, followed) = message(&slack, &notice, Step::default().next(&answer).next(&answer));
    assert!(!followed);
    let arrived = [&first, &second, &third].map(log_text).join("\n");
    assert_eq!(
        arrived, notice.body,
        "nothing is lost of what fits in three"
    );

    // Where a further part is sent twice people must see that it is the same.
    notice.possible_repeat = true;
    let (second, _) = message(&slack, &notice, Step::default().next(&answer));
    assert_eq!(second["text"], "🔥 storm (2/3) · possible repeat");
    notice.possible_repeat = false;

    notice.body = "line\n".repeat(20_000);
    let (third, _) = message(&slack, &notice, Step::default().next(&answer).next(&answer));
    assert!(log_text(&third).contains(" lines …"));
}

#[test]
fn a_mention_on_purpose_is_made_from_error_up() {
    let settings = json!({ "url": "https://hooks.slack.com/services/T0/B0/x", "mention": "here" });
    let slack: Slack = adapter(settings);
    let (error, _) = message(
        &slack,
        &Notice::new(Level::ERROR, "<!channel>"),
        Step::default(),
    );
    assert_eq!(error["text"], "🔥 &lt;!channel&gt;");
    assert_eq!(error["blocks"][1]["text"]["text"], "<!here>");
    let (plain, _) = message(
        &slack,
        &Notice::new(Level::ERROR, "<!channel>"),
        Step::plain(),
    );
    assert_eq!(plain["text"], "```\n🔥 &lt;!channel&gt;\n```\n<!here>");
    let (warning, _) = message(&slack, &Notice::new(Level::WARN, "x"), Step::default());
    assert_eq!(warning["blocks"].as_array().unwrap().len(), 1);
}

#[test]
fn a_value_is_text_where_it_reads_well_and_code_elsewhere() {
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.fields = [
        ("order", "42".to_owned()),
        ("path", "a  b".to_owned()),
        ("empty", String::new()),
        ("parts", "a · b".to_owned()),
        ("long", "x".repeat(41)),
    ]
    .map(|(name, value)| NoticeField::new(name, value))
    .to_vec();
    let (message, _) = message(&slack(), &notice, Step::default());
    let runs = &message["attachments"][0]["blocks"][0]["elements"][0]["elements"];
    let runs = runs.as_array().unwrap().iter();
    let drawn = runs.map(|run| {
        let text = run["text"].as_str().unwrap();
        match (run["style"]["bold"] == true, run["style"]["code"] == true) {
            (true, false) => format!("*{text}*"),
            (false, true) => format!("`{text}`"),
            _ => text.to_owned(),
        }
    });
    assert_eq!(
        drawn.collect::<String>(),
        format!(
            "*order* 42 · *path* `a  b` · *empty* `\"\"` · *parts* `a · b` · *long* `{}`",
            "x".repeat(41)
        )
    );
}

#[test]
fn what_is_told_again_is_short_and_the_time_stands_in_the_line_of_the_place() {
    let (_, notice) = samples()
        .iter()
        .find(|(kind, _)| *kind == "reminder")
        .unwrap();
    let (message, _) = message(&slack(), notice, Step::default());
    let blocks = message["attachments"][0]["blocks"].as_array().unwrap();
    let [whose, said, place] = blocks.as_slice() else {
        panic!("{blocks:#?}")
    };
    assert_eq!(
        whose["elements"][0]["text"],
        "My App Production · production · web-7"
    );
    assert_eq!(said["elements"][0]["type"], "rich_text_section");
    assert_eq!(
        said["elements"][0]["elements"][0]["text"],
        "since 12:04, +310 in the last 5 min"
    );
    let texts = place["elements"].as_array().unwrap().iter();
    let texts: Vec<_> = texts.map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        [
            "checkout::pay src/pay.rs:88",
            "#3fa9c1",
            "<!date^1763641891^{date_short_pretty} {time_secs}|2025-11-20 12:31:31 UTC>"
        ]
    );
}

#[test]
fn a_routed_event_goes_to_its_thread() {
    let settings = json!({ "url": "https://hooks.slack.com/services/T0/B0/x", "thread_ts": "1.5" });
    let slack: Slack = adapter(settings);
    let mut notice = Notice::new(Level::ERROR, "x");
    assert_eq!(
        message(&slack, &notice, Step::default()).0["thread_ts"],
        "1.5"
    );
    notice.routes = vec![("slack_thread".to_owned(), "2.5".to_owned())];
    assert_eq!(
        message(&slack, &notice, Step::default()).0["thread_ts"],
        "2.5"
    );
    notice.routes = vec![("slack_thread".to_owned(), "no thread".to_owned())];
    assert_eq!(
        message(&slack, &notice, Step::default()).0["thread_ts"],
        "1.5"
    );
}
