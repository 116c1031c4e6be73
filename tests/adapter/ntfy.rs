//! Messages of ntfy under any log text: their parts, their limits, and text that stays text.

use std::time::Duration;

use logout::adapter::{
    Check, NoticeField, NoticeLink, ProblemState, Request, Response, Step, Verdict,
};
use logout::testing::{Contract, samples};
use logout::{Adapter, Notice, Ntfy};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::corpus;
use crate::judge::hostile::notice;
use crate::judge::plain_text::is_plain;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::looks::{gallery, pretty};

const TOPIC: &str = "alarms-s3cretX7Jq";

fn ntfy() -> Ntfy {
    adapter(json!({ "topic": TOPIC, "token": "tk_s3cretAgQdq7mVBoFD37zQVN29Rhu" }))
}

fn message(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// Returns an error if a request breaks a rule of the platform.
fn check_request(request: &Request) -> Result<(), String> {
    let message = message(request);
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    if request.body().len() > 8_192 {
        return Err(format!("{} bytes of JSON", request.body().len()));
    }
    if !(1..=4_096).contains(&text("message").len()) {
        return Err(format!("a message of {} bytes", text("message").len()));
    }
    if text("title").len() > 1_024 {
        return Err(format!("a title of {} bytes", text("title").len()));
    }
    if text("message").contains("://") || text("message").to_lowercase().contains("www.") {
        return Err(format!("an address: {}", text("message")));
    }
    if !(1..=5).contains(&message["priority"].as_u64().unwrap_or_default()) {
        return Err(format!("the priority {}", message["priority"]));
    }
    let actions = message["actions"].as_array().map_or(0, Vec::len);
    match actions {
        0..=3 => Ok(()),
        _ => Err(format!("{actions} buttons")),
    }
}

fn answer(status: u16, body: &str) -> Response {
    Response::new(status).set_body(body).clone()
}

mod contract {
    use super::*;

    logout::adapter_contract!(Ntfy, contract());

    fn contract() -> Contract<Ntfy> {
        Contract::new()
            .setting("topic", TOPIC)
            .setting("token", "tk_s3cretAgQdq7mVBoFD37zQVN29Rhu")
            .secret_field("topic")
            .refuses("topic", "https://ntfy.sh/alarms", "`topic` must be")
            .refuses("topic", "a".repeat(65), "`topic` must be")
            .refuses("token", "hunter2hunter2", "`token` is not an access token")
            .refuses(
                "url",
                "https://ntfy.sh/alarms",
                "`url` is the server's address alone",
            )
            .refuses(
                "url",
                "https://hooks.slack.com/services/T0/B0/x",
                "looks like a Slack webhook",
            )
            .most_bytes(8_192)
            // There is no markup, and nobody can be mentioned.
            .inert(|_| true)
            .every_request(check_request)
            .answer(
                answer(
                    200,
                    r#"{"id":"sPs71M8A2T","time":1,"event":"message","topic":"x"}"#,
                ),
                Verdict::Delivered,
            )
            .answer(
                answer(
                    429,
                    r#"{"code":42901,"http":429,"error":"limit reached: too many requests"}"#,
                ),
                Verdict::Wait(Duration::from_secs(15)),
            )
            .answer(
                answer(403, r#"{"code":40301,"http":403,"error":"forbidden"}"#),
                Verdict::Gone("forbidden (40301)".to_owned()),
            )
            .answer(
                answer(
                    400,
                    r#"{"code":40024,"http":400,"error":"invalid request"}"#,
                ),
                Verdict::Refused(String::new()),
            )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_message_keeps_the_limits(notice in notice()) {
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&ntfy(), &notice, step);
            assert_eq!(check_request(&request), Ok(()));
            assert!(!request.is_followed());
        }
    }
}

#[test]
fn each_line_of_the_corpus_is_read_as_it_was() {
    for text in corpus::texts() {
        for line in text
            .lines()
            .filter(|line| is_plain(line) && line.len() <= 200)
        {
            let mut notice = Notice::new(Level::ERROR, line);
            notice.fields = vec![NoticeField::new("text", line)];
            let request = rendered(&ntfy(), &notice, Step::default());
            assert_eq!(check_request(&request), Ok(()), "{line}");
            assert_eq!(message(&request)["title"], line);
            let read = ntfy().preview(&request).text().to_owned();
            assert!(
                read.starts_with(&format!("🔥 {line}\n"))
                    && read.contains(&format!("text: {line}")),
                "{read}"
            );
        }
    }
}

#[test]
fn a_text_of_five_megabytes_is_cut_and_says_so() {
    let mut notice = Notice::new(Level::ERROR, "x".repeat(5 << 20));
    notice.body = "\"line\" https://a.example\n".repeat(200_000);
    notice.backtrace = "🔥 frame\n".repeat(500_000);
    for step in [Step::default(), Step::plain()] {
        let request = rendered(&ntfy(), &notice, step);
        assert_eq!(check_request(&request), Ok(()));
        let text = String::from_utf8_lossy(request.body()).into_owned();
        assert!(
            text.contains("lines …"),
            "nothing is said of what is missing"
        );
        assert!(text.len() > 3_500, "{}", text.len());
    }
}

#[test]
fn a_reminder_makes_no_sound_and_a_tap_opens_the_first_link() {
    let mut notice = Notice::new(Level::ERROR, "payment failed");
    notice.links = (1..=4)
        .map(|number| {
            NoticeLink::new(
                format!("link {number}"),
                format!("https://a.example.org/{number}"),
            )
        })
        .collect();
    let body = message(&rendered(&ntfy(), &notice, Step::default()));
    assert_eq!(
        (&body["priority"], &body["tags"]),
        (&json!(4), &json!(["fire"]))
    );
    assert_eq!(body["click"], "https://a.example.org/1");
    assert_eq!(body["actions"].as_array().unwrap().len(), 3);
    assert_eq!(
        body["actions"][0],
        json!({ "action": "view", "label": "link 1", "url": "https://a.example.org/1" })
    );
    for state in [ProblemState::Known, ProblemState::Quiet] {
        notice.state = state;
        assert_eq!(
            message(&rendered(&ntfy(), &notice, Step::default()))["priority"],
            2
        );
    }
}

#[test]
fn only_ntfy_sh_counts_by_the_day_and_only_those_who_have_no_token() {
    let windows = |settings: Value| adapter::<Ntfy>(settings).pace().into_iter().count();
    assert_eq!(windows(json!({ "topic": "x" })), 2);
    assert_eq!(windows(json!({ "topic": "x", "token": "tk_x" })), 1);
    assert_eq!(
        windows(json!({ "topic": "x", "url": "https://ntfy.example.org" })),
        1
    );
}

#[test]
fn every_kind_is_told_where_it_is_published() {
    for (kind, notice) in samples() {
        let request = rendered(&ntfy(), notice, Step::default());
        assert_eq!(request.url().as_str(), "https://ntfy.sh/", "{kind}");
        assert_eq!(message(&request)["topic"], TOPIC);
        assert!(
            request
                .header("authorization")
                .unwrap()
                .starts_with("Bearer tk_")
        );
    }
}

#[test]
fn the_server_is_asked_without_a_message() {
    let with_token = ntfy();
    let without: Ntfy = adapter(json!({ "topic": "alarms" }));
    for (ntfy, path) in [(&with_token, "/v1/account"), (&without, "/v1/health")] {
        let mut request = Request::new();
        assert_eq!(ntfy.verify(&[], &mut request), Check::Ask);
        assert!(request.url().as_str().ends_with(path), "{path}");
        assert!(request.body().is_empty());
    }
    for (ntfy, status, body, said) in [
        (&with_token, 200, r#"{"username":"ann"}"#, "that of ann"),
        // A server without users takes everybody for nobody.
        (&with_token, 200, r#"{"username":"*"}"#, "has no users"),
        (
            &with_token,
            401,
            r#"{"code":40101,"error":"unauthorized"}"#,
            "does not accept the token (unauthorized)",
        ),
        (&with_token, 401, "<html>", "something other than ntfy"),
        (&without, 200, r#"{"healthy":true}"#, "the server answers"),
        (&without, 200, r#"{"healthy":false}"#, "not well"),
        (&without, 200, "{}", "something other than ntfy"),
        (&without, 503, "", "try again later"),
    ] {
        let found = ntfy.verify(&[answer(status, body)], &mut Request::new());
        assert!(format!("{found:?}").contains(said), "{body}: {found:?}");
    }
}

#[test]
fn it_looks_as_it_did() {
    insta::assert_snapshot!("ntfy", gallery(&ntfy(), pretty));
}
