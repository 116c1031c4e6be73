//! Verdicts on every answer that a platform is known to give.

use std::time::Duration;

use logout::adapter::{Response, Verdict};
use logout::{Adapter, Discord, Slack, Telegram, Zulip};
use serde_json::{Value, json};

use crate::judge::settings::adapter;
use crate::support::contracts::contract;

fn response(answer: &Value) -> Response {
    let mut response = Response::new(answer["status"].as_u64().unwrap() as u16);
    for (name, value) in answer["headers"].as_object().unwrap() {
        response.append_header(name, value.as_str().unwrap());
    }
    match &answer["body"] {
        Value::Null => {}
        Value::String(text) => {
            response.set_body(text.as_str());
        }
        json => {
            response.set_body(json.to_string());
        }
    }
    response
}

fn class(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Delivered => "delivered",
        Verdict::Away(_) => "away",
        Verdict::Wait(_) => "rate_limited",
        Verdict::Retry(_) => "transient",
        Verdict::Refused(_) => "permanent_payload",
        // The destination of a message without routes is then gone.
        Verdict::Gone(_) | Verdict::GoneForGood(_) | Verdict::Unroutable(_) => {
            "permanent_destination"
        }
        Verdict::Moved(_) => "migrate",
        _ => "unknown",
    }
}

/// Judges each answer by a fresh adapter, since one of them changes it.
pub(crate) fn judge_all<A: Adapter + Clone>(platform: &str, adapter: &A) {
    let Some(answers) = contract(&format!("{platform}/responses.json")) else {
        return;
    };
    let answers = answers.as_array().unwrap();
    assert!(!answers.is_empty());
    let mut wrong = Vec::new();
    for answer in answers {
        let verdict = adapter.clone().judge(&response(answer));
        if class(&verdict) != answer["class"] {
            wrong.push(format!(
                "{} is {}: {verdict:?}",
                answer["name"], answer["class"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn slack() -> Slack {
    adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }))
}

fn discord() -> Discord {
    adapter(json!({ "url": "https://discord.com/api/webhooks/123/abc" }))
}

fn telegram() -> Telegram {
    adapter(json!({ "bot_token": "123456:ABC", "chat_id": -5 }))
}

fn zulip() -> Zulip {
    adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "alerts",
    }))
}

#[test]
fn slacks_answers_are_understood() {
    judge_all("slack", &slack());
}

#[test]
fn discords_answers_are_understood() {
    judge_all("discord", &discord());
}

#[test]
fn telegrams_answers_are_understood() {
    judge_all("telegram", &telegram());
}

#[test]
fn mattermosts_answers_are_understood() {
    let settings = json!({ "url": "https://chat.example.org/hooks/x1" });
    judge_all("mattermost", &adapter::<logout::Mattermost>(settings));
}

#[test]
fn zulips_answers_are_understood() {
    judge_all("zulip", &zulip());
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let mut response = Response::new(status);
    for (name, value) in headers {
        response.append_header(name, value);
    }
    response.set_body(body);
    response
}

#[test]
fn a_telegram_bot_is_told_by_the_code_in_the_body_whatever_the_status() {
    let body =
        r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
    for status in [200, 302, 400, 403, 500] {
        assert_eq!(
            telegram().judge(&answer(status, &[], body)),
            Verdict::Gone("Forbidden: bot was blocked by the user".to_owned())
        );
    }
    let stranger = answer(403, &[], r#"{"message":"Forbidden"}"#);
    assert_eq!(
        telegram().judge(&stranger),
        Verdict::Away("status 403".to_owned())
    );
}

#[test]
fn zulips_codes_mean_the_same_under_any_status() {
    let body = r#"{"result":"error","msg":"Invalid API key","code":"INVALID_API_KEY"}"#;
    for status in [200, 302, 400, 401, 500] {
        assert_eq!(
            zulip().judge(&answer(status, &[], body)),
            Verdict::Gone("Invalid API key".to_owned())
        );
    }
    let stranger = answer(404, &[], r#"{"error":"no such path"}"#);
    assert_eq!(
        zulip().judge(&stranger),
        Verdict::Away("status 404".to_owned())
    );
}

#[test]
fn every_platforms_wait_is_read() {
    let wait = |seconds| Verdict::Wait(Duration::from_secs_f64(seconds));
    assert_eq!(
        slack().judge(&answer(429, &[("Retry-After", "30")], "")),
        wait(30.0)
    );
    let shared = [
        ("Retry-After", "1337"),
        ("X-RateLimit-Reset-After", "64.57"),
        ("X-RateLimit-Scope", "shared"),
    ];
    let body =
        r#"{"message":"The resource is being rate limited.","retry_after":1336.57,"global":false}"#;
    assert_eq!(discord().judge(&answer(429, &shared, body)), wait(1336.57));
    let banned = answer(429, &[("Retry-After", "3600")], "error code: 1015");
    assert_eq!(discord().judge(&banned), wait(3600.0));
    let body = r#"{"code":0,"message":"You are being blocked from accessing our API temporarily"}"#;
    assert_eq!(discord().judge(&answer(429, &[], body)), wait(900.0));
    let body = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}"#;
    assert_eq!(telegram().judge(&answer(429, &[], body)), wait(35.0));
    let body = r#"{"result":"error","msg":"API usage exceeded rate limit","code":"RATE_LIMIT_HIT","retry-after":28.75}"#;
    assert_eq!(zulip().judge(&answer(429, &[], body)), wait(28.75));
    for verdict in [
        slack().judge(&answer(429, &[], "")),
        telegram().judge(&answer(429, &[], "<html>")),
        zulip().judge(&answer(429, &[("Retry-After", "soon")], "{}")),
    ] {
        assert_eq!(verdict, wait(30.0));
    }
}

#[test]
fn a_thread_that_does_not_exist_is_told_from_a_chat_that_does_not() {
    let thread =
        r#"{"ok":false,"error_code":400,"description":"Bad Request: message thread not found"}"#;
    let chat = r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#;
    assert_eq!(
        telegram().judge(&answer(400, &[], thread)),
        Verdict::Unroutable("Bad Request: message thread not found".to_owned())
    );
    assert_eq!(
        telegram().judge(&answer(400, &[], chat)),
        Verdict::Gone("Bad Request: chat not found".to_owned())
    );
    let channel = r#"{"code":10003,"message":"Unknown Channel"}"#;
    assert_eq!(
        discord().judge(&answer(404, &[], channel)),
        Verdict::Unroutable("Unknown Channel (10003)".to_owned())
    );
}

#[test]
fn an_answer_that_is_garbage_costs_no_event_and_is_never_a_delivery() {
    let latin = [
        b"caf\xe9 \xff".as_slice(),
        &[0; 1_000],
        b"{\"ok\":tr",
        b"[]",
        b"\"",
        b"1e999",
    ];
    for body in latin {
        for status in [200, 302, 400, 403, 404, 413, 500, 502, 520] {
            let mut response = Response::new(status);
            response.set_body(body);
            for verdict in [
                slack().judge(&response),
                discord().judge(&response),
                telegram().judge(&response),
                zulip().judge(&response),
            ] {
                let is_kept = match status {
                    500.. => matches!(verdict, Verdict::Retry(_)),
                    _ => matches!(verdict, Verdict::Away(_)),
                };
                assert!(is_kept, "{status} {body:?}: {verdict:?}");
            }
        }
    }
}

#[test]
fn an_answer_that_is_cut_off_after_its_yes_is_a_delivery() {
    let mut response = Response::new(200);
    response.set_body(r#"{"ok":true,"result":{"message_id":3"#);
    assert_eq!(telegram().judge(&response), Verdict::Delivered);
    response.set_body(r#"{"result":"success","msg":"","i"#);
    assert_eq!(zulip().judge(&response), Verdict::Delivered);
}

#[test]
fn a_reason_out_of_an_answer_is_one_short_line() {
    let body = json!({ "ok": false, "description": "x\n\u{1b}[31m".repeat(1_000) }).to_string();
    let Verdict::Refused(reason) = telegram().judge(&answer(400, &[], &body)) else {
        panic!("not refused");
    };
    assert!(reason.chars().count() <= 200 && !reason.contains(char::is_control));
}
