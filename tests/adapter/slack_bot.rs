//! A bot of Slack: its channel, token and threads. Its messages are those of the webhook.

use logout::adapter::{Check, Request, Response, Step, Verdict};
use logout::testing::{Contract, samples, values};
use logout::{Adapter, Notice, Slack, SlackBot};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::hostile::notice;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::judge::slack::judge;

const TOKEN: &str = "xoxb-s3cret-0123456789-abcdefghijklmnop";

fn bot(more: &Value) -> SlackBot {
    let mut settings = json!({ "token": TOKEN, "channel": "C0123ABCD" });
    settings
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    adapter(settings)
}

fn message(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

fn is_message(request: &Request) -> bool {
    request.url().as_str().ends_with("/api/chat.postMessage")
}

fn answer(body: &str) -> Response {
    Response::new(200).set_body(body).clone()
}

const POSTED: &str = r#"{"ok":true,"channel":"C0123ABCD","ts":"1764331471.000100","message":{"ts":"1764331471.000100"}}"#;
const TICKET: &str =
    r#"{"ok":true,"upload_url":"https://files.slack.com/upload/v1/s3cret","file_id":"F0123ABC"}"#;

mod contract {
    use super::*;

    logout::adapter_contract!(SlackBot, contract());

    fn contract() -> Contract<SlackBot> {
        Contract::new()
            .setting("token", TOKEN)
            .setting("channel", "C0123ABCD")
            .setting("thread", true)
            .refuses("mention", "ops", "`mention` must be")
            .refuses("channel", "ops alerts", "`channel` must be")
            .refuses("token", "xoxp-0123456789-0123456789", "a user's")
            .text(|request| match is_message(request) {
                true => message(request)["text"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                // A file of text is no message, and has no limit that a text would reach.
                false => String::new(),
            })
            .most_characters(4_000)
            .never(&["<", ">"])
            .every_request(|request| {
                if !is_message(request) {
                    return Ok(());
                }
                let texts = values(request, "text");
                let all: usize = texts.iter().map(|text| text.chars().count()).sum();
                match texts.iter().map(|text| text.chars().count()).max() {
                    Some(1..=3_500) if all <= 12_500 => Ok(()),
                    other => Err(format!("a text of {other:?} characters, {all} in all")),
                }
            })
            .answer(
                // Any part is answered so.
                answer(&format!(
                    "{},{}",
                    TICKET.trim_end_matches('}'),
                    &POSTED[1..]
                )),
                Verdict::Delivered,
            )
            .answer(
                answer(r#"{"ok":false,"error":"not_in_channel"}"#),
                Verdict::Gone("not_in_channel".to_owned()),
            )
            .answer(
                answer(r#"{"ok":false,"error":"msg_blocks_too_long"}"#),
                Verdict::Refused(String::new()),
            )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_text_of_the_log_is_syntax(notice in notice()) {
        let bot = bot(&json!({}));
        let posted = answer(POSTED);
        let mut step = Step::default();
        loop {
            let request = rendered(&bot, &notice, step);
            if !is_message(&request) {
                break;
            }
            judge(&notice, &message(&request));
            if !request.is_followed() {
                break;
            }
            step = step.next(&posted);
            assert!(step.part <= 3);
        }
        judge(&notice, &message(&rendered(&bot, &notice, Step::plain())));
    }
}

#[test]
fn its_messages_are_those_of_the_webhook_with_a_channel() {
    let hook: Slack = adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }));
    for (kind, notice) in samples() {
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&bot(&json!({})), notice, step);
            assert_eq!(
                request.url().as_str(),
                "https://slack.com/api/chat.postMessage"
            );
            assert_eq!(
                request.header("authorization"),
                Some(&*format!("Bearer {TOKEN}"))
            );
            let mut of_bot = message(&request);
            assert_eq!(
                of_bot.as_object_mut().unwrap().remove("channel"),
                Some(json!("C0123ABCD"))
            );
            assert_eq!(of_bot, message(&rendered(&hook, notice, step)), "{kind}");
        }
    }
}

#[test]
fn reminders_answer_in_the_thread_of_the_first_message_where_that_is_wanted() {
    let notice = Notice::new(Level::ERROR, "payment failed");
    for (wanted, thread) in [(true, json!("1764331471.000100")), (false, Value::Null)] {
        let bot = bot(&json!({ "thread": wanted }));
        assert_eq!(
            message(&rendered(&bot, &notice, Step::default()))["thread_ts"],
            Value::Null
        );
        let memory = bot.remember(&answer(POSTED));
        assert_eq!(memory.is_some(), wanted);
        let kept = memory.or_else(|| logout::adapter::Memory::new("1764331471.000100"));
        let mut step = Step::default();
        step.memory = kept.as_ref();
        assert_eq!(message(&rendered(&bot, &notice, step))["thread_ts"], thread);
        let mut plain = Step::plain();
        plain.memory = kept.as_ref();
        assert_eq!(
            message(&rendered(&bot, &notice, plain))["thread_ts"],
            thread
        );
    }
    assert_eq!(
        bot(&json!({ "thread": true })).remember(&answer("<html>")),
        None
    );
    // A first message that was routed into a thread is a reply itself, and opens none.
    let reply = answer(r#"{"ok":true,"ts":"9.9","message":{"ts":"9.9","thread_ts":"2.5"}}"#);
    let kept = bot(&json!({ "thread": true })).remember(&reply);
    assert_eq!(kept.as_ref().map(|kept| kept.as_str()), Some("2.5"));
}

#[test]
fn what_did_not_fit_stands_below_the_message() {
    let mut notice = Notice::new(Level::ERROR, "storm");
    notice.body = "a line\n".repeat(2_000);
    let bot = bot(&json!({ "thread": true }));
    assert!(rendered(&bot, &notice, Step::default()).is_followed());
    let posted = answer(POSTED);
    let second = rendered(&bot, &notice, Step::default().next(&posted));
    assert_eq!(message(&second)["thread_ts"], "1764331471.000100");
    let below = answer(
        r#"{"ok":true,"ts":"1764331472.000200","message":{"thread_ts":"1764331471.000100"}}"#,
    );
    let third = rendered(&bot, &notice, Step::default().next(&posted).next(&below));
    assert_eq!(message(&third)["thread_ts"], "1764331471.000100");
}

#[test]
fn what_is_too_long_for_three_messages_follows_as_a_file() {
    let mut notice = Notice::new(Level::ERROR, "storm");
    notice.body = format!(
        "{}the middle\n{}",
        "a line\n".repeat(2_000),
        "b line\n".repeat(2_000)
    );
    let bot = bot(&json!({ "thread": true, "channel": "#ops" }));
    let below =
        r#"{"ok":true,"ts":"1764331472.000200","message":{"thread_ts":"1764331471.000100"}}"#;
    let answers = [POSTED, below, below, TICKET, "OK - 28084"].map(answer);
    let parts: Vec<_> = (0..=answers.len())
        .map(|part| {
            let mut step = Step::default();
            step.part = part;
            step.answers = &answers[..part];
            let request = rendered(&bot, &notice, step);
            assert_eq!(request.is_followed(), part < answers.len(), "{part}");
            assert_eq!(request.is_supplement(), part > 0, "{part}");
            assert_eq!(
                request.header("authorization").is_some(),
                part != 4,
                "{part}"
            );
            request
        })
        .collect();
    assert!(parts[..3].iter().all(is_message));
    let [.., ticket, file, shared] = parts.as_slice() else {
        panic!()
    };
    assert_eq!(
        ticket.url().as_str(),
        "https://slack.com/api/files.getUploadURLExternal"
    );
    let length = file.body().len();
    assert_eq!(
        ticket.body(),
        format!("filename=log.txt&length={length}").as_bytes()
    );
    assert_eq!(
        file.url().as_str(),
        "https://files.slack.com/upload/v1/s3cret"
    );
    assert!(String::from_utf8_lossy(file.body()).contains(&notice.body));
    assert_eq!(
        shared.url().as_str(),
        "https://slack.com/api/files.completeUploadExternal"
    );
    assert_eq!(
        message(shared),
        json!({
            "files": [{ "id": "F0123ABC", "title": "log.txt" }],
            "channel_id": "C0123ABCD", "thread_ts": "1764331471.000100",
        })
    );
}

#[test]
fn the_length_of_a_file_is_that_which_was_told_however_late_it_is_sent() {
    let mut notice = Notice::new(Level::ERROR, "storm");
    let bot = bot(&json!({ "file_from": 1 }));
    let answers = [POSTED, TICKET].map(answer);
    let mut step = Step::default().next(&answers[0]);
    let ticket = rendered(&bot, &notice, step);
    notice.delayed = Some(std::time::Duration::from_secs(360));
    notice.possible_repeat = true;
    (step.part, step.answers) = (2, &answers);
    let file = rendered(&bot, &notice, step);
    let told = format!("filename=log.txt&length={}", file.body().len());
    assert_eq!(ticket.body(), told.as_bytes());
}

#[test]
fn where_slack_names_no_address_of_its_own_there_is_no_file() {
    let notice = Notice::new(Level::ERROR, "storm");
    let bot = bot(&json!({ "file_from": 1 }));
    for ticket in [
        "{\"ok\":true}",
        "<html>",
        &TICKET.replace("files.slack.com", "example.org"),
    ] {
        let answers = [POSTED, ticket].map(answer);
        let mut step = Step::default();
        (step.part, step.answers) = (2, &answers);
        let mut request = Request::new();
        bot.render(&notice, step, &mut request);
        assert!(request.is_supplement() && !request.is_followed());
        assert_eq!(
            request.problem(),
            Some("Slack named no address for the file"),
            "{ticket}"
        );
    }
}

#[test]
fn a_routed_event_goes_to_its_thread() {
    let bot = bot(&json!({ "thread": true }));
    let mut notice = Notice::new(Level::ERROR, "x");
    for (route, thread) in [("2.5", json!("2.5")), ("no thread", Value::Null)] {
        notice.routes = vec![("slack_thread".to_owned(), route.to_owned())];
        assert_eq!(
            message(&rendered(&bot, &notice, Step::default()))["thread_ts"],
            thread
        );
    }
}

#[test]
fn each_wrong_setting_is_told_what_it_is() {
    for (key, value, said) in [
        ("token", "xoxp-s3cret", "`token` is a user's"),
        ("token", "xapp-s3cret", "`token` is that of an app"),
        ("token", "xoxe.xoxb-s3cret", "`token` is one that expires"),
        (
            "token",
            "https://hooks.slack.com/services/T0/B0/s3cret",
            "`token` is an address",
        ),
        ("token", "s3cret", "`token` is not a bot's"),
        ("channel", "", "`channel` must be"),
        (
            "channel",
            "https://acme.slack.com/archives/C0",
            "`channel` must be",
        ),
        ("channel", "#ops", ""),
        ("mention", "ops", "`mention` must be"),
        (
            "url",
            "https://hooks.slack.com/services/T0/B0/s3cret",
            "`url` is a webhook of Slack, for the adapter `Slack`",
        ),
        (
            "url",
            "https://slack.com/api/chat.postMessage",
            "`url` is the server's address alone",
        ),
        ("url", "https://slack-gov.com", ""),
        ("url", "https://relay.example.org", ""),
        (
            "url",
            "https://discord.com",
            "`url` looks like an address of Discord",
        ),
    ] {
        let mut settings = json!({ "token": TOKEN, "channel": "C0" });
        settings[key] = json!(value);
        let bot: SlackBot = serde_json::from_value(settings).unwrap();
        let problem = bot.check().err().unwrap_or_default();
        assert!(
            problem.starts_with(said) && problem.is_empty() == said.is_empty(),
            "{value}: {problem}"
        );
        assert!(!problem.contains("s3cret"));
    }
}

#[test]
fn the_token_is_asked_for_without_a_message() {
    let (bot, mut request) = (bot(&json!({})), Request::new());
    assert_eq!(bot.verify(&[], &mut request), Check::Ask);
    assert_eq!(request.url().as_str(), "https://slack.com/api/auth.test");
    let told = |response: Response| format!("{:?}", bot.verify(&[response], &mut Request::new()));
    let known = r#"{"ok":true,"team":"Acme","user":"logout"}"#;
    assert!(told(answer(known)).contains(
        "@logout of “Acme” may write; whether it is a member of C0123ABCD cannot be checked"
    ));
    let mut without = answer(known);
    without.append_header("x-oauth-scopes", "channels:read,users:read");
    assert!(told(without).contains("the token lacks the scope `chat:write`"));
    let mut without_files = answer(known);
    without_files.append_header("x-oauth-scopes", "chat:write,users:read");
    assert!(told(without_files).contains("may write, but no files (scope `files:write`)"));
    for (word, said) in [
        ("invalid_auth", "does not know the token"),
        ("token_revoked", "install the app again"),
        ("account_inactive", "install the app again"),
        ("token_expired", "turn token rotation off"),
        ("odd_word", "refuses the token (odd_word)"),
    ] {
        let refused = told(answer(&format!(r#"{{"ok":false,"error":"{word}"}}"#)));
        assert!(
            refused.contains(said) && refused.contains("\"token\""),
            "{refused}"
        );
    }
    assert!(told(answer("<html>")).contains("something other than Slack"));
    for word in ["ratelimited", "internal_error", "service_unavailable"] {
        let busy = told(answer(&format!(r#"{{"ok":false,"error":"{word}"}}"#)));
        assert!(
            busy.contains("try again later") && !busy.contains("\"token\""),
            "{busy}"
        );
    }
}
