//! What Slack's messages hold, whatever the log says.

use logout::{Notice, Response, Slack, Step};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

mod adapter {
    pub(crate) mod hostile;
    pub(crate) mod plain;
    pub(crate) mod rendering;
    pub(crate) mod settings;
}

use adapter::hostile::notice;
use adapter::plain::is_plain;
use adapter::rendering::rendered;
use adapter::settings::adapter;

fn slack() -> Slack {
    adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }))
}

fn message(slack: &Slack, notice: &Notice, step: Step<'_>) -> (Value, bool) {
    let request = rendered(slack, notice, step);
    let message = serde_json::from_slice(request.body()).unwrap();
    (message, request.is_followed())
}

/// Every text in the message, with the kind of object that holds it.
fn texts(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(object) => {
            if let (Some(Value::String(kind)), Some(Value::String(text))) =
                (object.get("type"), object.get("text"))
            {
                found.push((kind.clone(), text.clone()));
            }
            object.values().for_each(|value| texts(value, found));
        }
        _ => {}
    }
}

/// What Slack shows for a mrkdwn text without any syntax in it.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn log_text(message: &Value) -> String {
    let blocks = message["attachments"][0]["blocks"].as_array();
    let elements = blocks
        .into_iter()
        .flatten()
        .flat_map(|block| block["elements"].as_array().into_iter().flatten());
    elements
        .filter(|element| element["type"] == "rich_text_preformatted")
        .flat_map(|element| element["elements"].as_array().unwrap())
        .map(|run| run["text"].as_str().unwrap())
        .collect()
}

fn judge(notice: &Notice, message: &Value) {
    let text = message["text"].as_str().unwrap();
    assert!(!text.contains(['<', '>']), "syntax in {text}");
    assert!(
        !text
            .replace("&lt;", "")
            .replace("&gt;", "")
            .replace("&amp;", "")
            .contains('&')
    );
    assert_eq!(message["mrkdwn"], false);
    assert!(text.encode_utf16().count() < 4_000);
    if is_plain(&notice.headline)
        && !notice.headline.contains('\n')
        && notice.headline.len() < 60
        && message["blocks"].is_array()
    {
        assert!(unescaped(text).starts_with(&format!("{} {}", notice.emoji(), notice.headline)));
    }

    let mut found = Vec::new();
    texts(message, &mut found);
    let sum: usize = found
        .iter()
        .map(|(_, text)| text.encode_utf16().count())
        .sum();
    assert!(sum + text.len() < 12_000, "{sum}");
    for (kind, text) in &found {
        assert!((1..=3_000).contains(&text.encode_utf16().count()), "{kind}");
        if kind == "mrkdwn" {
            let date = text
                .strip_prefix("<!date^")
                .and_then(|date| date.strip_suffix(" UTC>"));
            assert_eq!(date.unwrap().matches(['<', '>']).count(), 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_of_the_log_is_syntax(notice in notice()) {
        let slack = slack();
        let (first, mut followed) = message(&slack, &notice, Step::default());
        judge(&notice, &first);
        if !followed && is_plain(&notice.body) && is_plain(&notice.headline) && notice.backtrace.is_empty()
            && notice.headline.len() < 60 && notice.fields.is_empty() && !notice.headline.contains('\n')
        {
            assert_eq!(log_text(&first), notice.body);
        }
        let answer = Response::new(200);
        let mut step = Step::default();
        while followed {
            step = step.next(&answer);
            assert!(step.part < 3);
            let (next, further) = message(&slack, &notice, step);
            judge(&notice, &next);
            followed = further;
        }
        judge(&notice, &message(&slack, &notice, Step::plain()).0);
    }
}

#[test]
fn a_long_text_follows_in_parts_and_names_what_is_left_out() {
    let slack = slack();
    let mut notice = Notice::new(Level::ERROR, "storm");
    let lines: Vec<_> = (0..400)
        .map(|line| format!("{line}: {}", "x".repeat(30)))
        .collect();
    notice.body = lines.join("\n");
    let (first, followed) = message(&slack, &notice, Step::default());
    assert!(followed && log_text(&first).starts_with("0: xxx"));
    let answer = Response::new(200);
    let (second, followed) = message(&slack, &notice, Step::default().next(&answer));
    assert!(followed);
    assert_eq!(second["text"], "🔥 storm (2/3)");
    let (third, followed) = message(&slack, &notice, Step::default().next(&answer).next(&answer));
    assert!(!followed);
    let arrived = [&first, &second, &third].map(log_text).join("\n");
    assert_eq!(
        arrived, notice.body,
        "nothing is lost of what fits in three"
    );

    notice.body = "line\n".repeat(20_000);
    let (third, _) = message(&slack, &notice, Step::default().next(&answer).next(&answer));
    assert!(log_text(&third).contains(" lines …"));
}

#[test]
fn a_mention_on_purpose_is_made_from_error_up() {
    let settings = json!({ "url": "https://hooks.slack.com/services/T0/B0/x", "mention": "here" });
    let slack: Slack = adapter(settings);
    let (error, _) = message(
        &slack,
        &Notice::new(Level::ERROR, "<!channel>"),
        Step::default(),
    );
    assert_eq!(error["text"], "🔥 &lt;!channel&gt;");
    assert_eq!(error["blocks"][1]["text"]["text"], "<!here>");
    let (plain, _) = message(
        &slack,
        &Notice::new(Level::ERROR, "<!channel>"),
        Step::plain(),
    );
    assert_eq!(plain["text"], "🔥 &lt;!channel&gt; <!here>");
    let (warning, _) = message(&slack, &Notice::new(Level::WARN, "x"), Step::default());
    assert_eq!(warning["blocks"].as_array().unwrap().len(), 1);
}

#[test]
fn a_routed_event_goes_to_its_thread() {
    let settings = json!({ "url": "https://hooks.slack.com/services/T0/B0/x", "thread_ts": "1.5" });
    let slack: Slack = adapter(settings);
    let mut notice = Notice::new(Level::ERROR, "x");
    assert_eq!(
        message(&slack, &notice, Step::default()).0["thread_ts"],
        "1.5"
    );
    notice.routes = vec![("slack_thread".to_owned(), "2.5".to_owned())];
    assert_eq!(
        message(&slack, &notice, Step::default()).0["thread_ts"],
        "2.5"
    );
    notice.routes = vec![("slack_thread".to_owned(), "no thread".to_owned())];
    assert_eq!(
        message(&slack, &notice, Step::default()).0["thread_ts"],
        "1.5"
    );
}
