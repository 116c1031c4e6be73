//! Messages of Mattermost under any log text: their parts, their limits, and text that stays text.

use std::collections::BTreeSet;

use logout::adapter::{NoticeField, NoticeLink, ProblemState, Request, Response, Step, Verdict};
use logout::testing::{Contract, samples};
use logout::{Adapter, Mattermost, Notice};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::corpus;
use crate::judge::hostile::notice;
use crate::judge::plain_text::is_plain;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::looks::{gallery, pretty};

const HOOK: &str = "https://chat.example.org/hooks/s3cret0123456789abcdefghij";

/// The limit of a message, in runes, and of the panel.
const MESSAGE: usize = 16_383;

fn mattermost() -> Mattermost {
    adapter(json!({ "url": HOOK }))
}

fn message(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// Returns the texts in which Markdown is read.
fn texts(message: &Value) -> Vec<&str> {
    let texts = [
        &message["text"],
        &message["attachments"][0]["text"],
        &message["props"]["card"],
    ];
    texts.iter().filter_map(|text| text.as_str()).collect()
}

/// Returns an error if a request breaks a rule of the platform.
fn check_request(request: &Request) -> Result<(), String> {
    let message = message(request);
    let runes = |text: &str| text.chars().count();
    let said = [&message["text"], &message["attachments"][0]["text"]];
    let length: usize = said.map(|text| text.as_str().map_or(0, runes)).iter().sum();
    if !(1..=MESSAGE).contains(&length) {
        return Err(format!("{length} runes"));
    }
    for text in texts(&message) {
        if runes(text) > MESSAGE {
            return Err(format!("a text of {} runes", runes(text)));
        }
        if text.contains("<!") || text.contains("<@") {
            return Err(format!("Slack's syntax: {text}"));
        }
        let fences = text.lines().filter(|line| line.starts_with("```")).count();
        if fences % 2 == 1 {
            return Err(format!("a fence is open: {text}"));
        }
    }
    Ok(())
}

fn answer(status: u16, body: &str) -> Response {
    Response::new(status).set_body(body).clone()
}

mod contract {
    use logout::testing::outside_code;

    use super::*;

    logout::adapter_contract!(Mattermost, contract());

    fn contract() -> Contract<Mattermost> {
        Contract::new()
            .setting("url", HOOK)
            .setting("channel", "town-square")
            .refuses("channel", "Town Square", "`channel` must be the name")
            .refuses("mention", "the ops", "`mention` must be")
            .refuses(
                "url",
                "https://discord.com/api/webhooks/1/aBcDeFgHiJkLmNoPqRs",
                "looks like an address of Discord",
            )
            .refuses("url", "https://chat.example.org/hooks/", "`url` is incomplete")
            .text(|request| texts(&message(request)).join("\n"))
            .most_bytes(300_000)
            // No backslash keeps the server from a mention; the links are those of the notices.
            .inert(|text| {
                let text = outside_code(text);
                let is_name = |c: char| c.is_alphanumeric() || "._-".contains(c);
                !text.split('@').skip(1).any(|behind| behind.starts_with(is_name))
            })
            .every_request(check_request)
            .answer(answer(200, "ok"), Verdict::Delivered)
            .answer(
                answer(400, r#"{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook.","status_code":400}"#),
                Verdict::Gone("Invalid webhook.".to_owned()),
            )
            .answer(
                answer(400, r#"{"id":"web.incoming_webhook.text.app_error","message":"No text specified.","status_code":400}"#),
                Verdict::Refused(String::new()),
            )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_text_of_the_log_is_syntax(notice in notice()) {
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&mattermost(), &notice, step);
            assert_eq!(check_request(&request), Ok(()));
            assert!(!request.is_followed());
        }
    }
}

#[test]
fn each_line_of_the_corpus_is_read_as_it_was() {
    let texts = corpus::texts();
    let lines: BTreeSet<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    for line in lines {
        // Another line stands in what the server would take for a link.
        let is_link = line.contains('<') && line.contains('|');
        if !is_plain(line) || line.chars().count() > 200 || is_link {
            continue;
        }
        let mut notice = Notice::new(Level::ERROR, line);
        notice.project = line.to_owned();
        notice.fields = vec![NoticeField::new("text", line)];
        let request = rendered(&mattermost(), &notice, Step::default());
        assert_eq!(check_request(&request), Ok(()), "{line}");
        let read = mattermost().preview(&request).text().to_owned();
        let first = format!("{} {line}\n{line}\n", notice.emoji());
        assert!(read.starts_with(&first), "{first:?} is not in {read:?}");
    }
}

#[test]
fn most_of_what_services_log_needs_no_code() {
    let lines = include_str!("../problems.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let headlines: Vec<_> = lines
        .map(|line| line.splitn(3, '\t').nth(2).unwrap())
        .collect();
    let in_code = headlines.iter().filter(|headline| {
        let notice = Notice::new(Level::ERROR, **headline);
        let request = rendered(&mattermost(), &notice, Step::default());
        let text = message(&request)["text"].as_str().unwrap().to_owned();
        text.replace("\\`", "").contains('`')
    });
    let in_code: Vec<_> = in_code.collect();
    let share = in_code.len() * 100 / headlines.len();
    let some: Vec<_> = in_code.iter().step_by(9).collect();
    assert!(share <= 15, "{share} %: {some:#?}");
}

#[test]
fn a_text_of_five_megabytes_is_cut_and_says_so() {
    let mut notice = Notice::new(Level::ERROR, "x".repeat(5 << 20));
    notice.body = "<line> & @all\n".repeat(400_000);
    notice.backtrace = "🔥 frame\n".repeat(500_000);
    for step in [Step::default(), Step::plain()] {
        let request = rendered(&mattermost(), &notice, step);
        assert_eq!(check_request(&request), Ok(()));
        let text = String::from_utf8_lossy(request.body()).into_owned();
        assert!(
            text.contains("lines …"),
            "nothing is said of what is missing"
        );
        assert!(text.len() > 15_000, "{}", text.len());
    }
    let whole = message(&rendered(&mattermost(), &notice, Step::default()));
    assert!(whole["props"]["card"].as_str().unwrap().chars().count() > 15_000);
}

#[test]
fn only_what_is_new_and_severe_calls_somebody() {
    let settings = json!({ "url": HOOK, "mention": "here" });
    let mattermost: Mattermost = adapter(settings);
    let text = |notice: &Notice, step| {
        message(&rendered(&mattermost, notice, step))["text"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut notice = Notice::new(Level::ERROR, "payment failed");
    assert_eq!(text(&notice, Step::default()), "🔥 payment failed @here");
    assert!(text(&notice, Step::plain()).ends_with("\n```\n@here"));
    notice.mention = logout::adapter::Mention::Never;
    assert_eq!(text(&notice, Step::default()), "🔥 payment failed");
    let warning = Notice::new(Level::WARN, "slow");
    assert_eq!(text(&warning, Step::default()), "⚠️ slow");
}

#[test]
fn a_reminder_notifies_nobody() {
    let mut notice = Notice::new(Level::ERROR, "payment failed");
    let silent = |notice: &Notice| {
        message(&rendered(&mattermost(), notice, Step::default()))["silent"].clone()
    };
    assert_eq!(silent(&notice), Value::Null);
    notice.state = ProblemState::Known;
    assert_eq!(silent(&notice), json!(true));
    notice.level_rose = true;
    assert_eq!(silent(&notice), Value::Null);
}

#[test]
fn the_links_of_the_block_are_the_only_ones() {
    let mut notice = Notice::new(Level::ERROR, "see https://evil.example");
    notice.links = vec![NoticeLink::new(
        "trace [1]",
        "https://a.example.org/x?q=(1)*2",
    )];
    let request = rendered(&mattermost(), &notice, Step::default());
    let body = message(&request);
    let text = body["attachments"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("[trace (1)](https://a.example.org/x?q=%281%29%2A2)"),
        "{text}"
    );
    assert_eq!(body["text"], "🔥 see `https://evil.example`");
}

#[test]
fn every_request_is_one_that_the_schema_allows() {
    let Some(schema) =
        crate::support::contracts::contract("mattermost/incoming_webhook.schema.json")
    else {
        return;
    };
    let schema = jsonschema::validator_for(&schema).unwrap();
    let settings = json!({ "url": HOOK, "channel": "ops", "mention": "all" });
    let mattermost: Mattermost = adapter(settings);
    for (kind, notice) in samples() {
        for step in [Step::default(), Step::plain()] {
            let body = message(&rendered(&mattermost, notice, step));
            let wrong: Vec<_> = schema
                .iter_errors(&body)
                .map(|error| error.to_string())
                .collect();
            assert!(wrong.is_empty(), "{kind}: {wrong:?}");
        }
    }
}

#[test]
fn it_looks_as_it_did() {
    insta::assert_snapshot!("mattermost", gallery(&mattermost(), pretty));
}
