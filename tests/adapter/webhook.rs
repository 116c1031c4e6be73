//! Requests to the team's own webhook under any log text: their document, signature and limits.

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonschema::Validator;
use logout::adapter::{NoticeField, NoticeProblem, ProblemState, Request, Response, Step, Verdict};
use logout::testing::{Contract, samples};
use logout::{Adapter, Notice, Webhook};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::hostile::notice;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::looks::{gallery, pretty};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn webhook() -> Webhook {
    adapter(json!({ "url": "https://relay.example.org/s3cret0123456789", "secret": KEY }))
}

fn document(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let text = include_str!("../../logout/docs/webhook.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
});

/// Returns an error if a request is too long or does not fit the schema.
fn check_request(request: &Request) -> Result<(), String> {
    if request.body().len() > 20_000 {
        return Err(format!("{} bytes", request.body().len()));
    }
    let document: Value = serde_json::from_slice(request.body()).map_err(|why| why.to_string())?;
    let wrong: Vec<_> = SCHEMA
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{wrong:?}\n{document:#}")),
    }
}

fn answer(status: u16, body: &str) -> Response {
    Response::new(status).set_body(body).clone()
}

mod contract {
    use super::*;

    logout::adapter_contract!(Webhook, contract());

    fn contract() -> Contract<Webhook> {
        Contract::new()
            .setting("url", "https://relay.example.org/s3cret0123456789")
            .setting("secret", KEY)
            .refuses(
                "secret",
                "hunter2hunter2hunter2hunter2",
                "`secret` is not a key of Standard Webhooks",
            )
            .refuses(
                "url",
                "https://hooks.slack.com/services/T0/B0/x",
                "looks like a Slack webhook",
            )
            .most_bytes(20_000)
            // JSON escapes its texts; whoever shows them has to do that for where they stand.
            .inert(|_| true)
            .every_request(|request| {
                let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
                match names.iter().find(|name| request.header(name).is_none()) {
                    Some(name) => Err(format!("{name} is missing")),
                    None => Ok(()),
                }
            })
            .answer(answer(204, ""), Verdict::Delivered)
            .answer(answer(410, ""), Verdict::GoneForGood(String::new()))
            .answer(answer(422, "no"), Verdict::Refused(String::new()))
            .answer(answer(404, ""), Verdict::Away(String::new()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_notice_is_what_the_schema_says(notice in notice()) {
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&webhook(), &notice, step);
            assert_eq!(check_request(&request), Ok(()));
            assert!(!request.is_followed());
        }
    }
}

#[test]
fn every_kind_is_what_the_schema_says() {
    for (kind, notice) in samples() {
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&webhook(), notice, step);
            assert_eq!(check_request(&request), Ok(()), "{kind}");
        }
    }
}

#[test]
fn a_text_of_five_megabytes_is_cut_and_says_so() {
    let mut notice = Notice::new(Level::ERROR, "x".repeat(5 << 20));
    notice.body = "\"line\"\u{1}\n".repeat(400_000);
    notice.backtrace = "🔥 frame\n".repeat(500_000);
    notice.problems = vec![NoticeProblem::new("3fa9c1", "é".repeat(10_000)); 5_000];
    for step in [Step::default(), Step::plain()] {
        let request = rendered(&webhook(), &notice, step);
        assert_eq!(check_request(&request), Ok(()));
        assert!(request.body().len() > 19_000, "{}", request.body().len());
    }
    let data = document(&rendered(&webhook(), &notice, Step::default()))["data"].clone();
    assert!(data["body"].as_str().unwrap().contains("lines …"));
    let told = data["problems"].as_array().unwrap().len() as u64;
    assert_eq!(told + data["problems_omitted"].as_u64().unwrap(), 5_000);
}

#[test]
fn what_a_program_needs_is_there_as_what_it_is() {
    let mut notice = Notice::new(Level::ERROR, "payment failed");
    notice.fields = [("order", "42"), ("ok", "false"), ("id", "007")]
        .map(|(name, value)| NoticeField::new(name, value))
        .into();
    notice.fingerprint = "3fa9c1".to_owned();
    notice.count = 7;
    notice.level_rose = true;
    notice.state = ProblemState::Known;
    let document = document(&rendered(&webhook(), &notice, Step::default()));
    assert_eq!(document["type"], "logout.event");
    let data = &document["data"];
    assert_eq!(
        data["fields"],
        json!({ "order": 42, "ok": false, "id": "007" })
    );
    assert_eq!(
        (&data["schema"], &data["state"], &data["worse"]),
        (&json!(1), &json!("known"), &json!(true))
    );
    assert_eq!(
        (&data["fingerprint"], &data["count"]),
        (&json!("3fa9c1"), &json!(7))
    );
    assert!(data.get("possible_repeat").is_none() && data.get("problems").is_none());
}

#[test]
fn a_request_is_signed_over_id_time_and_body() {
    let mut notice = Notice::new(Level::ERROR, "payment failed");
    notice.id = "6f2c1b0a9e8d7c6b".to_owned();
    let request = rendered(&webhook(), &notice, Step::default());
    let header = |name: &str| request.header(name).unwrap().to_owned();
    assert_eq!(header("webhook-id"), "msg_6f2c1b0a9e8d7c6b");
    let sent: u64 = header("webhook-timestamp").parse().unwrap();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    assert!(now.abs_diff(sent) < 60);
    let key = STANDARD
        .decode(KEY.strip_prefix("whsec_").unwrap())
        .unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let signed = [
        format!("msg_6f2c1b0a9e8d7c6b.{sent}.").as_bytes(),
        request.body(),
    ]
    .concat();
    let given = STANDARD
        .decode(header("webhook-signature").strip_prefix("v1,").unwrap())
        .unwrap();
    assert!(ring::hmac::verify(&key, &signed, &given).is_ok());
    // The same message again has the same id.
    let again = rendered(&webhook(), &notice, Step::default());
    assert_eq!(again.header("webhook-id"), Some("msg_6f2c1b0a9e8d7c6b"));
}

#[test]
fn without_a_secret_nothing_is_signed() {
    let webhook: Webhook = adapter(json!({ "url": "https://relay.example.org/x" }));
    let request = rendered(&webhook, &Notice::new(Level::ERROR, "x"), Step::default());
    assert_eq!(request.header("webhook-signature"), None);
    assert!(request.header("webhook-timestamp").is_some());
}

#[test]
fn headers_of_the_settings_are_sent_and_ours_are_not_theirs() {
    let settings =
        |headers: Value| json!({ "url": "https://relay.example.org/x", "headers": headers });
    let webhook: Webhook = adapter(settings(
        json!({ "authorization": "Bearer s3cret", "x_api_key": "k" }),
    ));
    assert_eq!(webhook.check(), Ok(()));
    let request = rendered(&webhook, &Notice::new(Level::ERROR, "x"), Step::default());
    assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
    assert_eq!(request.header("x-api-key"), Some("k"));
    let user_agent = |webhook: &Webhook| {
        let request = rendered(webhook, &Notice::new(Level::ERROR, "x"), Step::default());
        request.header("user-agent").map(str::to_owned)
    };
    assert!(user_agent(&webhook).is_some_and(|name| name.starts_with("logout/")));
    let named: Webhook = adapter(settings(json!({ "user_agent": "shop" })));
    assert_eq!(user_agent(&named).as_deref(), Some("shop"));
    for (headers, said) in [
        (
            json!({ "Content_Type": "text/plain" }),
            "cannot set content-type",
        ),
        (json!({ "webhook-id": "1" }), "cannot set webhook-id"),
        (json!({ "a b": "1" }), "a name that no header can have"),
        (json!({ "x": "a\r\nb" }), "a value for x with a character"),
    ] {
        let webhook: Webhook = serde_json::from_value(settings(headers)).unwrap();
        let why = webhook.check().unwrap_err();
        assert!(why.contains(said) && !why.contains("text/plain"), "{why}");
    }
}

#[test]
fn it_looks_as_it_did() {
    let show = |request: &Request| {
        let text = pretty(request);
        // Not all of the samples' times are fixed.
        let is_time = |line: &&str| {
            ["_seen\"", "\"timestamp\""]
                .iter()
                .any(|name| line.contains(name))
        };
        text.lines()
            .filter(|line| !is_time(line))
            .map(|line| format!("{line}\n"))
            .collect()
    };
    insta::assert_snapshot!("webhook", gallery(&webhook(), show));
}
