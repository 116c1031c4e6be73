//! Messages of Teams under any log text: their parts, their limits, and text that stays text.

use logout::adapter::{NoticeField, NoticeLink, Request, Response, Step, Verdict};
use logout::testing::{Contract, samples};
use logout::{Adapter, Notice, Teams};
use proptest::prelude::{ProptestConfig, proptest};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tracing::Level;

use crate::answers::judge_all;
use crate::judge::corpus;
use crate::judge::hostile::notice;
use crate::judge::plain_text::is_plain;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::looks::{gallery, pretty};
use crate::support::contracts::contract as contract_of;

const HOOK: &str = "https://prod-1.westeurope.logic.azure.com/workflows/0a1b2c3d/triggers/manual/paths/invoke?sp=run&sig=s3cret0123456789abcdef";

fn teams() -> Teams {
    adapter(json!({ "url": HOOK }))
}

fn card(request: &Request) -> Value {
    let message: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(message["type"], "message");
    assert_eq!(message["attachments"].as_array().unwrap().len(), 1);
    message["attachments"][0]["content"].clone()
}

/// Returns every element of the card, those in containers too.
fn elements(card: &Value) -> Vec<Value> {
    let body = card["body"].as_array().unwrap().iter();
    body.flat_map(|element| match element["items"].as_array() {
        Some(items) => items.clone(),
        None => vec![element.clone()],
    })
    .collect()
}

/// Returns an error if a request breaks a rule of the platform: it has 20,000 bytes at most, and no text of
/// the log where Markdown is read.
fn check_request(request: &Request) -> Result<(), String> {
    let length = request.body().len();
    if length > 20_000 {
        return Err(format!("{length} bytes"));
    }
    let card = card(request);
    if !card["msteams"]["entities"].is_null() {
        return Err("somebody is mentioned".to_owned());
    }
    for element in elements(&card) {
        let texts: Vec<&Value> = match element["type"].as_str().unwrap() {
            "TextBlock" => {
                let text = element["text"].as_str().unwrap();
                let is_time = text.starts_with("{{DATE(")
                    && text.len()
                        == "{{DATE(2025-11-20T12:04:31Z, SHORT)}} {{TIME(2025-11-20T12:04:31Z)}}"
                            .len();
                if !is_time {
                    return Err(format!("the log's text is Markdown: {text}"));
                }
                continue;
            }
            "FactSet" => element["facts"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|fact| [&fact["title"], &fact["value"]])
                .collect(),
            "RichTextBlock" => {
                let runs = element["inlines"].as_array().unwrap().iter();
                for run in runs {
                    if run["type"] != "TextRun" || run["text"].as_str().unwrap().contains("{{DATE(")
                    {
                        return Err(format!("the log's text is a function: {run}"));
                    }
                }
                continue;
            }
            _ => continue,
        };
        for text in texts {
            let text = text.as_str().unwrap();
            let is_mark = |c: char| "[]*`<>#~\\&@{}|!\n".contains(c);
            if text.contains(is_mark) || text.contains("://") || text.is_empty() {
                return Err(format!("the log's text is Markdown in a fact: {text}"));
            }
        }
    }
    Ok(())
}

mod contract {
    use super::*;

    logout::adapter_contract!(Teams, contract());

    fn contract() -> Contract<Teams> {
        let answer = |status, body: &str| Response::new(status).set_body(body).clone();
        Contract::new()
            .setting("url", HOOK)
            .refuses("mention", "ops", "`mention` must be")
            .refuses(
                "url",
                "https://acme.webhook.office.com/webhookb2/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f/IncomingWebhook/0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                "has retired",
            )
            .most_bytes(20_000)
            // Where Markdown is read is looked at in each request.
            .inert(|_| true)
            .every_request(check_request)
            .answer(Response::new(202), Verdict::Delivered)
            .answer(
                answer(
                    400,
                    r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"off"}}"#,
                ),
                Verdict::Gone("WorkflowTriggerIsNotEnabled: off".to_owned()),
            )
            .answer(
                answer(
                    400,
                    r#"{"error":{"code":"TriggerInputSchemaMismatch","message":"no"}}"#,
                ),
                Verdict::Refused(String::new()),
            )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_of_the_log_is_markdown(notice in notice()) {
        let teams = teams();
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&teams, &notice, step);
            assert_eq!(check_request(&request), Ok(()));
            assert!(!request.is_followed());
        }
        let card = card(&rendered(&teams, &notice, Step::default()));
        if is_plain(&notice.headline) && notice.headline.len() < 100 && !notice.headline.contains('\n')
            && !notice.headline.contains("{{")
        {
            let shown = &card["body"][0]["items"][0]["inlines"][0]["text"];
            assert_eq!(shown, &format!("{} {}", notice.emoji(), notice.headline));
        }
    }
}

#[test]
fn a_text_of_five_megabytes_is_cut_and_says_so() {
    let mut notice = Notice::new(Level::ERROR, "x".repeat(5 << 20));
    notice.body = "\"line\"\n".repeat(700_000);
    notice.backtrace = "🔥 frame\n".repeat(500_000);
    for step in [Step::default(), Step::plain()] {
        let request = rendered(&teams(), &notice, step);
        assert_eq!(check_request(&request), Ok(()));
        assert!(request.body().len() > 10_000, "{}", request.body().len());
        let text = String::from_utf8_lossy(request.body()).into_owned();
        assert!(
            text.contains("lines …"),
            "nothing is said of what is missing"
        );
    }
}

#[test]
fn a_long_text_fills_the_card_to_its_limit() {
    let mut notice = samples()[0].1.clone();
    notice.body = "0123456789 \"quoted\"\n".repeat(5_000);
    let length = rendered(&teams(), &notice, Step::default()).body().len();
    assert!((19_000..=20_000).contains(&length), "{length}");
}

#[test]
fn a_field_is_a_fact_where_no_markdown_could_read_it_as_anything_else() {
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.fields = [
        ("order", "42".to_owned()),
        ("link", "[refund](https://evil.example)".to_owned()),
        ("host", "web-7.acme.dev".to_owned()),
        ("empty", String::new()),
        ("long", "y".repeat(100)),
    ]
    .map(|(name, value)| NoticeField::new(name, value))
    .to_vec();
    let card = card(&rendered(&teams(), &notice, Step::default()));
    let facts = &card["body"][1];
    assert_eq!(facts["facts"], json!([{ "title": "order", "value": "42" }]));
    let runs = card["body"][2]["inlines"].as_array().unwrap().iter();
    let line: String = runs.map(|run| run["text"].as_str().unwrap()).collect();
    assert_eq!(
        line,
        "link [refund](https://evil.example) · host web-7.acme.dev · empty \"\""
    );
    assert_eq!(card["body"][3]["inlines"][0]["text"], "long");
    assert_eq!(card["body"][4]["codeSnippet"], "y".repeat(100));
}

#[test]
fn a_mention_on_purpose_is_made_from_error_up() {
    let settings = json!({ "url": HOOK, "mention": "ann@example.org" });
    let teams: Teams = adapter(settings);
    for step in [Step::default(), Step::plain()] {
        let card = card(&rendered(
            &teams,
            &Notice::new(Level::ERROR, "<at>bob</at>"),
            step,
        ));
        assert_eq!(card["body"][1]["text"], "<at>ann@example.org</at>");
        let entities = json!([{ "type": "mention", "text": "<at>ann@example.org</at>",
            "mentioned": { "id": "ann@example.org", "name": "ann@example.org" } }]);
        assert_eq!(card["msteams"]["entities"], entities);
    }
    let warning = rendered(&teams, &Notice::new(Level::WARN, "x"), Step::default());
    assert_eq!(check_request(&warning), Ok(()));
}

#[test]
fn the_links_of_the_block_are_buttons_and_nothing_else_leads_anywhere() {
    let buttons = |request: &Request| {
        let card = card(request);
        let sets = elements(&card).into_iter();
        let sets = sets.filter(|element| element["type"] == "ActionSet");
        let sets = std::iter::once(card.clone()).chain(sets);
        let sets: Vec<_> = sets
            .filter_map(|set| set["actions"].as_array().cloned())
            .collect();
        // More of one set are not shown.
        assert!(sets.iter().all(|set| (1..=6).contains(&set.len())));
        let all = sets.into_iter().flatten();
        let all = all.map(|action| {
            assert_eq!(action["type"], "Action.OpenUrl");
            [&action["title"], &action["url"]].map(|text| text.as_str().unwrap().to_owned())
        });
        all.collect::<Vec<_>>()
    };
    for text in corpus::texts() {
        let mut notice = Notice::new(Level::ERROR, "x");
        notice.links = vec![
            NoticeLink::new(text.as_str(), "https://wiki.example.org/a"),
            NoticeLink::new("hostile", text.as_str()),
        ];
        let request = rendered(&teams(), &notice, Step::default());
        assert_eq!(check_request(&request), Ok(()));
        let found = buttons(&request);
        assert_eq!(found[0][1], "https://wiki.example.org/a");
        assert!(!found[0][0].trim().is_empty() && found[0][0].chars().count() <= 60);
        let is_web =
            |[_, url]: &[String; 2]| url.starts_with("https://") || url.starts_with("http://");
        assert!(found.iter().all(is_web), "{text:?}");
        assert!(buttons(&rendered(&teams(), &notice, Step::plain())).is_empty());
    }
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.links = (0..200)
        .map(|number| NoticeLink::new("wiki", format!("https://a.example/{number}")))
        .collect();
    assert_eq!(
        buttons(&rendered(&teams(), &notice, Step::default())).len(),
        20
    );
}

#[test]
fn it_looks_as_it_did() {
    insta::assert_snapshot!("teams", gallery(&teams(), pretty));
}

#[test]
fn each_wrong_address_is_told_what_it_is() {
    for (url, said) in [
        (HOOK, ""),
        (
            "https://default1.01.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0a/triggers/manual/paths/invoke?api-version=1&sig=s3cret",
            "",
        ),
        (
            "https://prod-1.usgovvirginia.logic.azure.us/workflows/0a?sig=s3cret",
            "",
        ),
        ("https://relay.example.org/teams?sig=s3cret", ""),
        (
            "https://acme.webhook.office.com/webhookb2/s3cret",
            "`url` is a webhook of an Office 365 connector, which Microsoft has retired",
        ),
        (
            "https://outlook.office.com/webhook/s3cret",
            "`url` is a webhook of an Office 365 connector",
        ),
        (
            "https://teams.microsoft.com/l/channel/s3cret",
            "`url` is a page of Teams",
        ),
        (
            "https://make.powerautomate.com/environments/s3cret",
            "`url` is a page of Power Automate",
        ),
        (
            "https://prod-1.westeurope.logic.azure.com/workflows/s3cret/triggers/manual/paths/invoke",
            "`url` is incomplete",
        ),
        (
            "https://prod-1.westeurope.logic.azure.com/workflows/s3cret?sig=",
            "`url` is incomplete",
        ),
        (
            "https://hooks.slack.com/services/T0/B0/s3cret",
            "`url` looks like a Slack webhook, which is not for `Teams`",
        ),
        (
            "https://discord.com/api/webhooks/1/s3cret",
            "`url` looks like an address of Discord",
        ),
        (
            "https://chat.googleapis.com/v1/spaces/A/messages?key=s3cret&token=s3cret",
            "`url` looks like a Google Chat webhook",
        ),
        (
            "https://events.pagerduty.com/v2/enqueue",
            "`url` looks like an address of PagerDuty",
        ),
    ] {
        let teams: Teams = serde_json::from_value(json!({ "url": url })).unwrap();
        let problem = teams.check().err().unwrap_or_default();
        assert!(
            problem.starts_with(said) && problem.is_empty() == said.is_empty(),
            "{url}: {problem}"
        );
        assert!(!problem.contains("s3cret"));
    }
}

#[test]
fn another_cloud_than_the_public_one_is_a_note_and_no_error() {
    for (url, said) in [
        (HOOK, ""),
        (
            "https://d1.environment.api.powerplatform.com/powerautomate/x?sig=s3cret",
            "",
        ),
        ("http://127.0.0.1:8080/workflows/x?sig=s3cret", ""),
        (
            "https://prod-1.usgovvirginia.logic.azure.us/workflows/x?sig=s3cret",
            "the US government",
        ),
        (
            "https://prod-1.chinaeast2.logic.azure.cn/workflows/x?sig=s3cret",
            "China",
        ),
        (
            "https://relay.example.org/x?sig=s3cret",
            "none of Microsoft's clouds",
        ),
        (
            "https://relay.example.cn/x?sig=s3cret",
            "none of Microsoft's clouds",
        ),
    ] {
        let teams: Teams = adapter(json!({ "url": url }));
        let note = teams.note().unwrap_or_default();
        assert!(
            note.contains(said) && note.is_empty() == said.is_empty(),
            "{url}: {note}"
        );
        assert!(!note.contains("s3cret"));
    }
}

#[test]
fn a_reminder_of_dates_is_no_larger_than_any_other_message() {
    let teams: Teams = adapter(json!({ "url": HOOK }));
    let mut notice = Notice::new(Level::ERROR, "{{TIME(x)}}");
    notice.state = logout::adapter::ProblemState::Known;
    for body in ["{{DATE(".repeat(5_000), "{{{{DATE( \"\n".repeat(2)] {
        notice.body = body;
        for step in [Step::default(), Step::plain()] {
            let length = rendered(&teams, &notice, step).body().len();
            assert!(length <= 20_000, "{length}");
        }
    }
}

#[test]
fn its_schema_allows_every_message() {
    let Some(schema) = contract_of("teams/workflow_webhook.schema.json") else {
        return;
    };
    let schema = jsonschema::validator_for(&schema).unwrap();
    let allows = |notice: &Notice| {
        for step in [Step::default(), Step::plain()] {
            let request = rendered(&teams(), notice, step);
            let message: Value = serde_json::from_slice(request.body()).unwrap();
            let problems: Vec<_> = schema
                .iter_errors(&message)
                .map(|e| e.to_string())
                .collect();
            assert!(problems.is_empty(), "{problems:#?}\n{message:#}");
        }
    };
    samples().iter().for_each(|(_, notice)| allows(notice));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(50));
    let run = runner.run(&notice(), |notice| {
        allows(&notice);
        Ok(())
    });
    run.unwrap();
}

#[test]
fn its_answers_are_understood() {
    judge_all("teams", &teams());
}

#[test]
fn it_is_told_that_an_answer_is_no_delivery() {
    let check = teams().verify(&[], &mut Request::new());
    assert!(
        format!("{check:?}").contains("accepts a message (202) before it posts it"),
        "{check:?}"
    );
}
