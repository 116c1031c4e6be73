//! A corpus of hostile texts, in every place of a notice, on all four platforms.

use logout::adapter::{Form, Response, Step};
use logout::testing::notices_with;
use logout::{Discord, Slack, Telegram, Zulip};
use serde_json::json;

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
fn judge_all(judge: impl Fn(&logout::Notice, Form)) {
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
    let discord: Discord = adapter(json!({ "url": "https://discord.com/api/webhooks/1/a" }));
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
    let zulip: Zulip = adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "123",
    }));
    judge_all(|notice, form| {
        let answer = Response::new(200);
        let mut request = rendered(&zulip, notice, first(form));
        if request.is_followed() {
            request = rendered(&zulip, notice, first(form).next(&answer));
        }
        zulip::judge(notice, &request);
    });
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
