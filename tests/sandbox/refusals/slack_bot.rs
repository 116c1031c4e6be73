//! A bot of Slack.

use logout::sandbox::Platform;
use serde_json::{Value, json};

use super::start;
use crate::{chats, client};

#[test]
fn the_web_api_refuses_with_a_word_under_200() {
    let sandbox = start();
    let channel = chats::setting(&sandbox, "slack_bot.channel");
    let blocks = |length: usize| {
        let section = |_| json!({ "type": "section", "text": { "type": "plain_text", "text": "x".repeat(length) } });
        (0..5).map(section).collect::<Vec<_>>()
    };
    for (body, word) in [
        (json!({ "channel": channel, "text": "x" }), ""),
        (json!({ "channel": "C1", "text": "x" }), "channel_not_found"),
        (json!({ "text": "x" }), "channel_not_found"),
        (json!({ "channel": channel }), "no_text"),
        (
            json!({ "channel": channel, "text": "x".repeat(40_001) }),
            "msg_too_long",
        ),
        (
            json!({ "channel": channel, "blocks": [{ "type": "marquee" }] }),
            "invalid_blocks",
        ),
        (json!({ "channel": channel, "blocks": blocks(2_400) }), ""),
        (
            json!({ "channel": channel, "blocks": blocks(2_401) }),
            "msg_blocks_too_long",
        ),
        (
            json!({ "channel": channel, "text": "x", "thread_ts": "1.5" }),
            "thread_not_found",
        ),
    ] {
        let arrived = sandbox.inbox().len();
        let answer = chats::post(&sandbox, Platform::SlackBot, &body);
        let told = answer.json();
        assert_eq!(
            (answer.status, &told["ok"]),
            (200, &json!(word.is_empty())),
            "{word}"
        );
        assert_eq!(told["error"].as_str().unwrap_or_default(), word);
        assert_eq!(
            sandbox.inbox().len() - arrived,
            usize::from(word.is_empty())
        );
        let last = sandbox.requests().pop().unwrap();
        assert_eq!(last.refusal().is_none(), word.is_empty());
    }
}

#[test]
fn a_message_can_be_answered_in_its_thread() {
    let sandbox = start();
    let channel = chats::setting(&sandbox, "slack_bot.channel");
    let post = |thread: Value| {
        let body = json!({ "channel": channel, "text": "x", "thread_ts": thread });
        chats::post(&sandbox, Platform::SlackBot, &body).json()
    };
    let first = post(Value::Null);
    let second = post(first["ts"].clone());
    assert_eq!(second["message"]["thread_ts"], first["ts"]);
    let inbox = sandbox.inbox();
    let threads = inbox
        .iter()
        .map(|message| message.details().slack().unwrap().thread.clone());
    assert_eq!(
        threads.collect::<Vec<_>>(),
        [None, first["ts"].as_str().map(str::to_owned)]
    );
}

#[test]
fn the_token_is_asked_for() {
    let sandbox = start();
    let token = chats::setting(&sandbox, "slack_bot.token");
    let url = format!("{}/api/auth.test", sandbox.url());
    for (login, word) in [
        (format!("Bearer {token}"), ""),
        (format!("Bearer {token}x"), "invalid_auth"),
        (String::new(), "not_authed"),
    ] {
        let answer = client::send("POST", &url, &[("Authorization", &login)], b"").unwrap();
        assert_eq!(answer.json()["error"].as_str().unwrap_or_default(), word);
        assert_eq!(answer.header("x-oauth-scopes").is_some(), word.is_empty());
    }
}

#[test]
fn a_file_takes_three_requests_each_of_which_may_be_refused() {
    let sandbox = start();
    let channel = chats::setting(&sandbox, "slack_bot.channel");
    let token = chats::setting(&sandbox, "slack_bot.token");
    let login = format!("Bearer {token}");
    let call = |method: &str, kind: &str, body: &str| {
        let url = format!("{}/api/{method}", sandbox.url());
        let headers = [("Authorization", login.as_str()), ("Content-Type", kind)];
        let answer = client::send("POST", &url, &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200);
        answer.json()
    };
    let ticket = |body: &str| {
        let kind = "application/x-www-form-urlencoded";
        call("files.getUploadURLExternal", kind, body)
    };
    let upload = |url: &Value, body: &[u8]| {
        let headers = [("Content-Type", "text/plain")];
        let answer = client::send("POST", url.as_str().unwrap(), &headers, body).unwrap();
        (answer.status, answer.text())
    };
    let share = |body: &Value| {
        let method = "files.completeUploadExternal";
        call(method, "application/json", &body.to_string())
    };
    for (body, word) in [
        ("filename=log.txt", "missing_argument"),
        ("length=5", "missing_argument"),
        ("filename=log.txt&length=0", "invalid_arguments"),
        (
            "filename=log.txt&length=2000000000",
            "file_upload_size_restricted",
        ),
    ] {
        assert_eq!(ticket(body)["error"], word, "{body}");
    }
    let named = ticket("filename=log.txt&length=5");
    let (url, id) = (&named["upload_url"], &named["file_id"]);
    let of = |id: &Value, channel: &str| json!({ "files": [{ "id": id }], "channel_id": channel });
    assert_eq!(share(&of(id, &channel))["error"], "file_not_found");
    assert_eq!(upload(url, b"four").0, 400);
    assert_eq!(upload(url, b"whole"), (200, "OK - 5".to_owned()));
    assert_eq!(upload(url, b"again").0, 400);
    let elsewhere = json!(format!("{}0", url.as_str().unwrap()));
    assert_eq!(upload(&elsewhere, b"whole").0, 404);
    for (body, word) in [
        (json!({ "channel_id": channel }), "invalid_arguments"),
        (of(id, "#ops"), "invalid_arguments"),
        (of(id, "C0123456789"), "channel_not_found"),
        (of(&json!("F0"), &channel), "file_not_found"),
    ] {
        assert_eq!(share(&body)["error"], word, "{body}");
    }
    let mut lost = of(id, &channel);
    lost["thread_ts"] = json!("1.5");
    assert_eq!(share(&lost)["error"], "thread_not_found");
    assert!(sandbox.inbox().is_empty());
    assert_eq!(share(&of(id, &channel))["ok"], true);
    let inbox = sandbox.inbox();
    let [message] = inbox.as_slice() else {
        panic!("{inbox:?}")
    };
    let file = &message.files()[0];
    assert_eq!((file.name(), file.text().as_str()), ("log.txt", "whole"));
    assert_eq!(share(&of(id, &channel))["error"], "file_not_found");
    assert!(
        sandbox
            .requests()
            .iter()
            .all(|one| !one.request().path().contains(id.as_str().unwrap()))
    );
}
