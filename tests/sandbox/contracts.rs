//! The samples of the platforms' contracts, judged by the sandbox.
//!
//! Their folder is taken from `LOGOUT_CONTRACTS`; without it the tests say that they are skipped.

use std::io::Write as _;
use std::path::PathBuf;

use logout::sandbox::{Answer, Platform, Sandbox, Trouble};
use serde_json::{Value, json};

use crate::{chats, client};

/// Invalid by the strict schemas, which close every object, yet taken by the platform itself.
const TAKEN_ALL_THE_SAME: [(&str, &str, &str); 11] = [
    (
        "slack",
        "link_names",
        "a real field, which makes plain names mentions",
    ),
    (
        "telegram",
        "entities and parse_mode",
        "the entities are ignored without a word",
    ),
    (
        "telegram",
        "thread as string",
        "numbers may be written as strings",
    ),
    (
        "telegram",
        "old preview switch",
        "the server still reads it",
    ),
    ("telegram", "text field", "an unknown field is ignored"),
    ("zulip", "content 10001", "cut without a word"),
    ("zulip", "topic 61", "cut without a word"),
    ("zulip", "bare name", "what is no JSON is a bare name"),
    ("zulip", "json boolean", "a form makes a string of it"),
    ("zulip", "topic number", "a form makes a string of it"),
    ("zulip", "number value", "a form makes a string of it"),
];

/// Valid by the official schema, yet refused.
const REFUSED_ALL_THE_SAME: [(&str, &str, &str); 1] = [(
    "discord",
    "WEAKNESS long username",
    "the schema's second branch forgets the limit of 80",
)];

fn contract(platform: &str, file: &str) -> Option<Vec<Value>> {
    let Some(folder) = std::env::var_os("LOGOUT_CONTRACTS") else {
        assert!(
            std::env::var_os("LOGOUT_NO_SKIP").is_none(),
            "LOGOUT_CONTRACTS is not set, and nothing may be skipped"
        );
        // Past the capture of the test runner: whoever runs the tests is to see it.
        let _unseen = writeln!(
            std::io::stderr(),
            "skipped: LOGOUT_CONTRACTS does not name the folder of the contracts"
        );
        return None;
    };
    let path = PathBuf::from(folder).join(platform).join(file);
    let text = std::fs::read_to_string(&path).expect("the contract can be read");
    Some(serde_json::from_str(&text).expect("the contract is JSON"))
}

/// Sends every sample and compares the verdicts.
fn judge(platform: Platform, send: impl Fn(&Sandbox, &str, &Value) -> Option<client::Answer>) {
    let name = platform.instance();
    let Some(samples) = contract(name, "samples.json") else {
        return;
    };
    let listed = |list: &[(&str, &str, &str)], sample: &str| {
        list.iter()
            .any(|(of, listed, _)| *of == name && *listed == sample)
    };
    let mut wrong = Vec::new();
    for sample in &samples {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_rate_limits(false);
        let title = sample["name"].as_str().unwrap();
        let Some(answer) = send(&sandbox, sample["schema"].as_str().unwrap(), sample) else {
            continue;
        };
        let valid = sample["valid"] == json!(true);
        let expected =
            (valid && !listed(&REFUSED_ALL_THE_SAME, title)) || listed(&TAKEN_ALL_THE_SAME, title);
        let arrived = !sandbox.inbox().is_empty();
        // A flow of Teams has answered 202 before it fails.
        let is_told = arrived == (answer.status < 300) || platform == Platform::Teams;
        if arrived != expected || !is_told {
            let exchanges = sandbox.requests();
            let refusal = exchanges[0].refusal();
            wrong.push(format!(
                "{title}: {} {} {refusal:?}",
                answer.status,
                answer.text()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn slack_judges_its_samples_rightly() {
    judge(Platform::Slack, |sandbox, _, sample| {
        Some(chats::post(sandbox, Platform::Slack, &sample["payload"]))
    });
}

#[test]
fn discord_judges_its_samples_rightly() {
    judge(Platform::Discord, |sandbox, schema, sample| {
        if schema.contains("query") {
            return None;
        }
        if sample["name"] == "forum thread" {
            sandbox.make_forum("discord");
        }
        Some(chats::post(sandbox, Platform::Discord, &sample["payload"]))
    });
}

#[test]
fn telegram_judges_its_samples_rightly() {
    judge(Platform::Telegram, |sandbox, schema, sample| {
        sandbox.add_thread("telegram", 7);
        let mut body = sample["payload"].clone();
        if body.get("chat_id").is_some() {
            body["chat_id"] = json!(chats::chat_id(sandbox));
        }
        if schema.contains("send_document") {
            return Some(document(sandbox, &body));
        }
        Some(chats::post(sandbox, Platform::Telegram, &body))
    });
}

/// Posts the fields as multipart, with the file that `attach://log` refers to.
fn document(sandbox: &Sandbox, fields: &Value) -> client::Answer {
    let mut body = String::new();
    for (name, value) in fields.as_object().unwrap() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        body +=
            &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--b\r\nContent-Disposition: form-data; name=\"log\"; filename=\"log.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nboom\r\n--b--\r\n";
    let url = chats::url(sandbox, Platform::Telegram, "telegram");
    let url = url.replace("sendMessage", "sendDocument");
    let kind = ("Content-Type", "multipart/form-data; boundary=b");
    client::send("POST", &url, &[kind], body.as_bytes()).unwrap()
}

#[test]
fn zulip_judges_its_samples_rightly() {
    judge(Platform::Zulip, |sandbox, schema, sample| {
        // Streams are numbered in the order of their names.
        for number in 0..40 {
            sandbox.add_stream(format!("s{number:02}"));
        }
        sandbox.add_stream("a");
        let mut body = sample["payload"].clone();
        // The samples of the form schema are encoded already, the others are not.
        if !schema.contains("form") && body["to"].is_string() {
            body["to"] = json!(body["to"].to_string());
        }
        Some(chats::post(sandbox, Platform::Zulip, &body))
    });
}

#[test]
fn teams_judges_its_samples_rightly() {
    judge(Platform::Teams, |sandbox, _, sample| {
        Some(chats::post(sandbox, Platform::Teams, &sample["payload"]))
    });
}

#[test]
fn every_canned_answer_can_be_served() {
    for platform in [
        Platform::Slack,
        Platform::Discord,
        Platform::Telegram,
        Platform::Zulip,
        Platform::Teams,
    ] {
        let Some(responses) = contract(platform.instance(), "responses.json") else {
            return;
        };
        let sandbox = Sandbox::start().unwrap();
        for response in responses {
            let status = response["status"].as_u64().unwrap();
            let mut canned = Answer::new(u16::try_from(status).unwrap());
            for (name, value) in response["headers"].as_object().unwrap() {
                canned = canned.header(name, value.as_str().unwrap());
            }
            let body = match &response["body"] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                json => json.to_string(),
            };
            canned = canned.body(body.as_str());
            sandbox.trouble(platform, Trouble::answer(canned).times(1));
            let hello = chats::simplest_message(&sandbox, platform);
            let answer = chats::post(&sandbox, platform, &hello);
            assert_eq!(u64::from(answer.status), status);
            assert_eq!(answer.text(), body);
            for (name, value) in response["headers"].as_object().unwrap() {
                assert_eq!(answer.header(&name.to_lowercase()), value.as_str());
            }
        }
        assert!(sandbox.inbox().is_empty());
    }
}
