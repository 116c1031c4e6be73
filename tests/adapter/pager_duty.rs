//! Events of PagerDuty under any log text: their parts and their limits.

use logout::adapter::{
    Check, NoticeField, NoticeLink, ProblemState, Request, Response, Severity, Step, Verdict,
};
use logout::testing::{Contract, samples};
use logout::{Adapter, Notice, PagerDuty};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::corpus;
use crate::judge::hostile::notice;
use crate::judge::plain_text::is_plain;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::looks::{gallery, pretty};

const KEY: &str = "s3cret0123456789abcdef0123456789";

fn pager() -> PagerDuty {
    adapter(json!({ "routing_key": KEY }))
}

fn event(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// Returns an error if an event breaks a rule that PagerDuty documents.
fn check_event(request: &Request) -> Result<(), String> {
    let event = event(request);
    let is_change = request.url().path_and_query() == "/v2/change/enqueue";
    let text = |pointer: &str| {
        event
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let severities = ["critical", "error", "warning", "info"];
    let rules = [
        (request.body().len() <= 256_000, "the size"),
        (
            (1..=1_024).contains(&text("/payload/summary").len()),
            "the summary",
        ),
        (
            !text("/payload/summary").contains('\n'),
            "the lines of the summary",
        ),
        (
            (1..=255).contains(&text("/payload/source").len()),
            "the source",
        ),
        (
            is_change || severities.contains(&text("/payload/severity")),
            "the severity",
        ),
        (
            is_change || ["trigger", "resolve"].contains(&text("/event_action")),
            "the action",
        ),
        (text("/dedup_key").len() <= 255, "the key"),
        (
            event["routing_key"].as_str() == Some(KEY),
            "the routing key",
        ),
    ];
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, what)) => Err(format!("{what} is wrong")),
        None => Ok(()),
    }
}

const SUCCESS: &str = r#"{"status":"success","message":"Event processed","dedup_key":"x"}"#;

fn answer(status: u16, body: &str) -> Response {
    Response::new(status).set_body(body).clone()
}

fn invalid(error: &str) -> Response {
    let body = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": [error] });
    answer(400, &body.to_string())
}

mod contract {
    use super::*;

    logout::adapter_contract!(PagerDuty, contract());

    fn contract() -> Contract<PagerDuty> {
        Contract::new()
            .setting("routing_key", KEY)
            .secret_field("routing_key")
            .refuses("routing_key", "0123456789abcdef0123", "REST API")
            .refuses("url", "https://api.pagerduty.com/", "REST API")
            .most_bytes(512_000)
            // Nothing is markup there.
            .inert(|_| true)
            .every_request(check_event)
            .answer(answer(202, SUCCESS), Verdict::Delivered)
            .answer(
                invalid("Length of 'routing_key' is incorrect (should be 32 characters)"),
                Verdict::Gone(String::new()),
            )
            .answer(
                invalid("'link href' is missing or blank"),
                Verdict::Refused(String::new()),
            )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_event_is_within_the_limits(notice in notice()) {
        let pager = pager();
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&pager, &notice, step);
            assert_eq!(check_event(&request), Ok(()));
            assert!(!request.is_followed());
        }
        let event = event(&rendered(&pager, &notice, Step::default()));
        if is_plain(&notice.headline) && notice.headline.len() < 1_000 && !notice.headline.contains('\n') {
            assert_eq!(event["payload"]["summary"], notice.headline);
        }
    }
}

#[test]
fn every_text_of_the_corpus_is_an_event_within_the_limits() {
    for text in corpus::texts() {
        for (place, notice) in logout::testing::notices_with(&text) {
            let request = rendered(&pager(), &notice, Step::default());
            assert_eq!(check_event(&request), Ok(()), "{place}");
        }
    }
}

#[test]
fn a_text_of_five_megabytes_is_cut_and_says_so() {
    let mut notice = Notice::new(Level::ERROR, "x".repeat(5 << 20));
    notice.body = "\"line\"\n".repeat(700_000);
    notice.fields = vec![NoticeField::new("f", "y".repeat(5 << 20)); 2];
    let request = rendered(&pager(), &notice, Step::default());
    assert_eq!(check_event(&request), Ok(()));
    assert!(
        event(&request)["payload"]["custom_details"]["message"]
            .as_str()
            .unwrap()
            .contains(" lines …")
    );
}

fn known(state: ProblemState, severity: impl Into<Severity>) -> Notice {
    let mut notice = Notice::new(severity, "payment failed");
    notice.project = "shop".to_owned();
    notice.environment = "production".to_owned();
    notice.fingerprint = "3fa9c1".to_owned();
    notice.state = state;
    notice
}

#[test]
fn a_problem_is_one_alert_from_its_first_message_to_the_last_whichever_host_tells_it() {
    for (state, action) in [
        (ProblemState::New, "trigger"),
        (ProblemState::Known, "trigger"),
        (ProblemState::Quiet, "resolve"),
    ] {
        for host in ["web-7", "web-8"] {
            let mut notice = known(state, Level::ERROR);
            notice.host = host.to_owned();
            for step in [Step::default(), Step::plain()] {
                let event = event(&rendered(&pager(), &notice, step));
                assert_eq!(event["event_action"], action);
                assert_eq!(event["dedup_key"], "shop/production/3fa9c1");
                assert_eq!(event["payload"]["source"], host);
            }
        }
    }
    let long = {
        let mut notice = known(ProblemState::New, Level::ERROR);
        notice.project = "é".repeat(300);
        event(&rendered(&pager(), &notice, Step::default()))
    };
    assert!(
        long["dedup_key"]
            .as_str()
            .unwrap()
            .ends_with("/production/3fa9c1")
    );
}

#[test]
fn what_is_about_no_problem_is_known_by_the_id_of_its_message() {
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.id = "0a1b2c".to_owned();
    notice.state = ProblemState::Quiet;
    let event = event(&rendered(&pager(), &notice, Step::default()));
    assert_eq!(
        (&event["dedup_key"], &event["event_action"]),
        (&json!("0a1b2c"), &json!("resolve"))
    );
}

#[test]
fn each_severity_has_its_name() {
    for (severity, name) in [
        (Severity::Panic, "critical"),
        (Severity::Error, "error"),
        (Severity::Warn, "warning"),
        (Severity::Info, "info"),
        (Severity::Debug, "info"),
    ] {
        let event = event(&rendered(
            &pager(),
            &known(ProblemState::New, severity),
            Step::default(),
        ));
        assert_eq!(event["payload"]["severity"], name);
    }
}

#[test]
fn a_report_notifies_nobody() {
    let report = Notice::new(Severity::Report, "312 events were not delivered");
    let request = rendered(&pager(), &report, Step::default());
    assert_eq!(
        request.url().as_str(),
        "https://events.pagerduty.com/v2/change/enqueue"
    );
    assert_eq!(event(&request)["event_action"], Value::Null);
    // The key of a ruleset takes no change events.
    let ruleset: PagerDuty = adapter(json!({ "routing_key": "R0123456789ABCDEF0123456789ABCDE" }));
    let request = rendered(&ruleset, &report, Step::default());
    assert_eq!(
        request.url().as_str(),
        "https://events.pagerduty.com/v2/enqueue"
    );
    assert_eq!(event(&request)["payload"]["severity"], "info");
}

#[test]
fn the_details_are_a_row_for_each_thing_and_the_plain_form_has_none() {
    let (_, notice) = &samples()[0];
    let event_of = |step| event(&rendered(&pager(), notice, step));
    let details = &event_of(Step::default())["payload"]["custom_details"];
    assert_eq!(
        details["message"],
        "caused by: gateway answered 402\ncaused by: connection reset by peer"
    );
    assert_eq!(details["fields"]["order"], "42");
    assert_eq!(details["place"], "checkout::pay src/pay.rs:88");
    assert_eq!(event_of(Step::default())["links"][0]["text"], "trace");
    let plain = event_of(Step::plain());
    assert_eq!(
        (&plain["payload"]["custom_details"], &plain["links"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn two_fields_of_one_name_are_both_there() {
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.fields = ["1", "2", "3"]
        .map(|value| NoticeField::new("n", value))
        .to_vec();
    let event = event(&rendered(&pager(), &notice, Step::default()));
    assert_eq!(
        event["payload"]["custom_details"]["fields"],
        json!({ "n": "1", "n'": "2", "n''": "3" })
    );
}

#[test]
fn a_hostile_address_is_no_link() {
    for text in corpus::texts() {
        let mut notice = Notice::new(Level::ERROR, "x");
        notice.links = vec![
            NoticeLink::new(text.as_str(), "https://wiki.example.org/a"),
            NoticeLink::new("hostile", text.as_str()),
        ];
        let event = event(&rendered(&pager(), &notice, Step::default()));
        let links = event["links"].as_array().unwrap();
        assert_eq!(links[0]["href"], "https://wiki.example.org/a");
        let is_web = |link: &Value| link["href"].as_str().unwrap().starts_with("http");
        assert!(links.iter().all(is_web), "{text:?}");
    }
}

#[test]
fn it_looks_as_it_did() {
    insta::assert_snapshot!("pager_duty", gallery(&pager(), pretty));
}

#[test]
fn each_wrong_setting_is_told_what_it_is() {
    for (key, value, said) in [
        (
            "routing_key",
            "y_NbAkKc66ryYTWUXYEu",
            "`routing_key` has 20 characters, as a key of PagerDuty's REST API has",
        ),
        (
            "routing_key",
            "https://events.pagerduty.com/s3cret",
            "`routing_key` is an address",
        ),
        (
            "routing_key",
            "s3cret",
            "`routing_key` is no integration key",
        ),
        ("routing_key", KEY, ""),
        ("url", "https://events.eu.pagerduty.com", ""),
        ("url", "https://relay.example.org", ""),
        (
            "url",
            "https://events.pagerduty.com/v2/enqueue",
            "`url` is the server's address alone",
        ),
        (
            "url",
            "https://api.pagerduty.com",
            "`url` is PagerDuty's REST API or a page",
        ),
        (
            "url",
            "https://acme.pagerduty.com",
            "`url` is PagerDuty's REST API or a page",
        ),
        (
            "url",
            "https://discord.com",
            "`url` looks like an address of Discord",
        ),
    ] {
        let mut settings = json!({ "routing_key": KEY });
        settings[key] = json!(value);
        let pager: PagerDuty = serde_json::from_value(settings).unwrap();
        let problem = pager.check().err().unwrap_or_default();
        assert!(
            problem.starts_with(said) && problem.is_empty() == said.is_empty(),
            "{value}: {problem}"
        );
        assert!(!problem.contains("s3cret"));
    }
}

#[test]
fn the_key_is_asked_for_by_the_end_of_an_alert_that_never_was() {
    let (pager, mut request) = (pager(), Request::new());
    assert_eq!(pager.verify(&[], &mut request), Check::Ask);
    assert_eq!(
        event(&request),
        json!({ "routing_key": KEY, "event_action": "resolve", "dedup_key": "logout/verify" })
    );
    let told = |response: Response| format!("{:?}", pager.verify(&[response], &mut Request::new()));
    assert!(
        told(answer(202, SUCCESS)).starts_with("Fine(\"PagerDuty accepts events with this key")
    );
    let wrong = invalid("Length of 'routing_key' is incorrect (should be 32 characters)");
    assert!(told(wrong).contains("PagerDuty refuses the key: Length of 'routing_key'"));
    assert!(told(answer(200, "<html>")).contains("something other than PagerDuty"));
    assert!(told(answer(503, "")).contains("no setting is to blame"));
}

#[test]
fn no_preview_shows_the_key() {
    let request = rendered(
        &pager(),
        &known(ProblemState::New, Level::ERROR),
        Step::default(),
    );
    let preview = pager().preview(&request);
    assert!(
        preview.text().starts_with("payment failed\nerror · "),
        "{}",
        preview.text()
    );
    assert_eq!(preview.place(), "trigger shop/production/3fa9c1");
    assert!(!format!("{preview:?}").contains(KEY));
}
