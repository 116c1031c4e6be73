//! A corpus of hostile texts, in every place of a notice, on all four platforms.

use std::collections::BTreeSet;

use logout::adapter::{Form, NoticeField, Response, Step};
use logout::testing::notices_with;
use logout::{Discord, Notice, Slack, Telegram, Zulip};
use serde_json::json;
use tracing::Level;

mod adapter {
    pub(crate) mod chats;
    pub(crate) mod corpus;
    pub(crate) mod discord;
    pub(crate) mod plain;
    pub(crate) mod rendering;
    pub(crate) mod settings;
    pub(crate) mod slack;
    pub(crate) mod telegram;
    pub(crate) mod zulip;
}

use adapter::chats::Chats;
use adapter::rendering::rendered;
use adapter::settings::adapter;
use adapter::{corpus, discord, slack, telegram, zulip};

const FORMS: [Form; 2] = [Form::Rich, Form::Plain];

fn first(form: Form) -> Step<'static> {
    match form {
        Form::Plain => Step::plain(),
        _ => Step::default(),
    }
}

/// Runs `judge`, which fails where it finds something, for every notice of the corpus.
fn judge_all(judge: impl Fn(&Notice, Form)) {
    let texts = corpus::texts();
    assert!(texts.len() > 400, "{}", texts.len());
    for text in texts {
        for (place, notice) in notices_with(&text) {
            for form in FORMS {
                let judged = std::panic::AssertUnwindSafe(|| judge(&notice, form));
                if std::panic::catch_unwind(judged).is_err() {
                    let begin: String = text.chars().take(80).collect();
                    panic!("{form:?}, {place}: {begin:?} ({} bytes)", text.len());
                }
            }
        }
    }
}

#[test]
fn slack_reads_no_syntax_in_it() {
    let slack: Slack = adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }));
    judge_all(|notice, form| {
        let answer = Response::new(200);
        let mut step = first(form);
        loop {
            let (message, followed) = slack::message(&slack, notice, step);
            slack::judge(notice, &message);
            if !followed {
                return;
            }
            step = step.next(&answer);
        }
    });
}

#[test]
fn discord_reads_no_markup_in_it() {
    let discord = discord();
    judge_all(|notice, form| {
        let request = rendered(&discord, notice, first(form));
        discord::judge(notice, form, &discord::message(&request));
    });
}

#[test]
fn telegram_finds_nothing_to_link_in_it() {
    let telegram: Telegram = adapter(json!({ "bot_token": "1:a", "chat_id": -5 }));
    judge_all(|notice, form| {
        telegram::judge(&telegram::body(&rendered(&telegram, notice, first(form))));
    });
}

#[test]
fn zulip_reads_no_markdown_in_it() {
    let zulip = zulip();
    judge_all(|notice, form| {
        let answer = Response::new(200);
        let mut request = rendered(&zulip, notice, first(form));
        if request.is_followed() {
            request = rendered(&zulip, notice, first(form).next(&answer));
        }
        zulip::judge(notice, &request);
    });
}

fn discord() -> Discord {
    adapter(json!({ "url": "https://discord.com/api/webhooks/1/a" }))
}

fn zulip() -> Zulip {
    adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "123",
    }))
}

#[test]
fn each_line_of_it_is_read_as_text_on_discord_and_zulip() {
    let (discord, zulip) = (discord(), zulip());
    let texts = corpus::texts();
    let lines: BTreeSet<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    assert!(lines.len() > 400, "{}", lines.len());
    for line in lines {
        let mut notice = Notice::new(Level::ERROR, line);
        notice.project = line.to_owned();
        notice.fields = vec![NoticeField::new("text", line), NoticeField::new(line, "42")];
        let request = rendered(&discord, &notice, Step::default());
        discord::judge(&notice, Form::Rich, &discord::message(&request));
        let mut request = rendered(&zulip, &notice, Step::default());
        if request.is_followed() {
            request = rendered(&zulip, &notice, Step::default().next(&Response::new(200)));
        }
        zulip::judge(&notice, &request);
    }
}

/// What services log, and as much again with other words around it.
fn headlines() -> Vec<String> {
    let lines = include_str!("problems.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let lines: Vec<_> = lines
        .map(|line| line.splitn(3, '\t').nth(2).unwrap())
        .collect();
    let with = |line: &&str| [(*line).to_owned(), format!("order 4711 ({line}), 12 ms")];
    lines.iter().flat_map(with).collect()
}

#[test]
fn no_ordinary_headline_is_code_on_discord_or_zulip() {
    let headlines = headlines();
    assert!(headlines.len() > 2_000, "{}", headlines.len());
    for headline in headlines {
        let notice = Notice::new(Level::ERROR, &*headline);
        let request = rendered(&discord(), &notice, Step::default());
        let message = discord::message(&request);
        discord::judge(&notice, Form::Rich, &message);
        let content = message["content"].as_str().unwrap();
        assert!(!content.replace("\\`", "").contains('`'), "{content}");

        let request = rendered(&zulip(), &notice, Step::default());
        zulip::judge(&notice, &request);
        let content = zulip::value(&request, "content");
        assert!(!content.lines().next().unwrap().contains('`'), "{content}");
    }
}

#[test]
fn every_platform_takes_it_whole_and_calls_nobody() {
    let mut chats = Chats::open();
    for text in corpus::texts() {
        for (place, notice) in notices_with(&text) {
            // Each place alone is judged above, without a server.
            if place != "everywhere" {
                continue;
            }
            for form in FORMS {
                let mut routed = notice.clone();
                // A thread that nobody opened is refused, as it should be.
                routed.routes.retain(|(route, _)| route == "zulip_topic");
                let findings = chats.findings(&routed, first(form), |_, _| {});
                let begin: String = text.chars().take(80).collect();
                assert!(
                    findings.is_empty(),
                    "{form:?}, {place}: {begin:?}: {findings:?}"
                );
            }
        }
    }
}
