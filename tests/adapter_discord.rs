//! What Discord's messages hold, whatever the log says.

use logout::{Discord, Form, Notice, Request, Step};
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

fn discord() -> Discord {
    adapter(json!({ "url": "https://discord.com/api/webhooks/123/abc" }))
}

/// The message, out of the JSON or out of the form that carries a file too.
fn message(request: &Request) -> Value {
    let content_type = request.header("content-type").unwrap();
    if content_type == "application/json" {
        return serde_json::from_slice(request.body()).unwrap();
    }
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    let boundary = format!("--{boundary}");
    let mut parts = body.split(&*boundary);
    assert_eq!(parts.next(), Some(""));
    let payload = parts.next().unwrap();
    let file = parts.next().unwrap();
    assert_eq!(parts.next(), Some("--\r\n"));
    assert!(file.contains("name=\"files[0]\"; filename=\"log.txt\""));
    let (header, payload) = payload.split_once("\r\n\r\n").unwrap();
    assert!(header.contains("name=\"payload_json\""));
    serde_json::from_str(payload.trim_end()).unwrap()
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

/// The text inside one code span, whose delimiter stands nowhere in it.
fn inside_span(span: &str) -> &str {
    let text = span.trim_start_matches('`');
    let delimiter = &span[..span.len() - text.len()];
    let text = text
        .strip_suffix(delimiter)
        .unwrap_or_else(|| panic!("no span: {span}"));
    assert!((1..=2).contains(&delimiter.len()) && !text.is_empty() && !text.ends_with('`'));
    assert!(!text.contains(delimiter), "{span}");
    text
}

/// The texts inside the code blocks that a text consists of.
fn inside_fences(text: &str) -> Vec<String> {
    let parts: Vec<_> = text.split("```").collect();
    assert_eq!(parts.len() % 2, 1, "an open fence: {text}");
    for outside in parts.iter().step_by(2) {
        assert_eq!(outside.trim(), "", "outside of a fence");
    }
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .map(|text| {
            let text = text.strip_prefix('\n').unwrap().strip_suffix('\n').unwrap();
            assert!(!text.trim().is_empty());
            text.replace('\u{200b}', "")
        })
        .collect()
}

/// A text in which every sign of markup is escaped, without the escapes.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            plain.push(chars.next().unwrap());
        } else {
            assert!(!"*_~`|>#[]()<@:".contains(c), "markup in {text}");
            plain.push(c);
        }
    }
    plain
}

fn judge(notice: &Notice, form: Form, message: &Value) {
    assert_eq!(message["allowed_mentions"], json!({ "parse": [] }));
    let content = message["content"].as_str().unwrap();
    assert!((1..=2_000).contains(&content.chars().count()));
    if form == Form::Plain {
        assert_eq!(inside_fences(content).len(), 1);
        return;
    }
    let head = content
        .strip_prefix(&format!("{} ", notice.emoji()))
        .unwrap();
    let head = inside_span(head).trim().replace('\u{200b}', "");
    if is_plain(&notice.headline) && !notice.headline.contains('\n') && notice.headline.len() < 60 {
        assert_eq!(head, notice.headline);
    }

    let Some(embed) = message["embeds"].get(0) else {
        return;
    };
    unescaped(embed["title"].as_str().unwrap_or_default());
    let mut sum =
        length(&embed["title"]) + length(&embed["description"]) + length(&embed["footer"]["text"]);
    assert!(length(&embed["title"]) <= 256 && length(&embed["description"]) <= 4_096);
    assert!(length(&embed["footer"]["text"]) <= 2_048);
    for field in embed["fields"].as_array().into_iter().flatten() {
        sum += length(&field["name"]) + length(&field["value"]);
        assert!(
            (1..=256).contains(&length(&field["name"]))
                && (1..=1_024).contains(&length(&field["value"]))
        );
        let (name, value) = (
            field["name"].as_str().unwrap(),
            field["value"].as_str().unwrap(),
        );
        if value != "in the file" {
            unescaped(name);
            if value.starts_with("```\n") {
                assert_eq!(inside_fences(value).len(), 1);
            } else {
                inside_span(value);
            }
        }
    }
    assert!(sum <= 6_000, "{sum}");
    let blocks = inside_fences(embed["description"].as_str().unwrap_or_default());
    if is_plain(&notice.body)
        && notice.body.len() < 1_500
        && is_plain(&notice.headline)
        && notice.headline.len() < 60
        && !notice.headline.contains('\n')
        && sum < 5_000
    {
        assert_eq!(blocks[0], notice.body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_of_the_log_is_markup(notice in notice()) {
        let discord = discord();
        judge(&notice, Form::Rich, &message(&rendered(&discord, &notice, Step::default())));
        judge(&notice, Form::Plain, &message(&rendered(&discord, &notice, Step::plain())));
    }
}

#[test]
fn what_had_to_be_cut_goes_along_as_a_file() {
    let mut notice = Notice::new(Level::ERROR, "storm");
    notice.body = "line\n".repeat(2_000) + "the end";
    let request = rendered(&discord(), &notice, Step::default());
    assert!(!request.is_followed());
    let shown = message(&request)["embeds"][0]["description"].to_string();
    assert!(shown.contains(" lines …") && shown.contains("the end"));
    assert!(String::from_utf8_lossy(request.body()).contains(&notice.body));

    let plain = rendered(&discord(), &notice, Step::plain());
    assert_eq!(plain.header("content-type"), Some("application/json"));
}

#[test]
fn the_size_from_which_a_file_goes_along_can_be_set() {
    let discord: Discord = adapter(json!({
        "url": "https://discord.com/api/webhooks/123/abc", "file_from": 20,
    }));
    for (body, content_type) in [
        ("short", "application/json"),
        ("twenty bytes and more", "multipart"),
    ] {
        let mut notice = Notice::new(Level::ERROR, "x");
        notice.body = body.to_owned();
        let request = rendered(&discord, &notice, Step::default());
        assert!(
            request
                .header("content-type")
                .unwrap()
                .starts_with(content_type)
        );
    }
}

#[test]
fn a_mention_on_purpose_allows_exactly_that_one() {
    for (mention, end, allowed) in [
        ("everyone", " @everyone", json!({ "parse": ["everyone"] })),
        ("12", " <@12>", json!({ "parse": [], "users": ["12"] })),
        ("&12", " <@&12>", json!({ "parse": [], "roles": ["12"] })),
    ] {
        let discord: Discord = adapter(json!({
            "url": "https://discord.com/api/webhooks/123/abc", "mention": mention,
        }));
        for step in [Step::default(), Step::plain()] {
            let error = message(&rendered(
                &discord,
                &Notice::new(Level::ERROR, "@everyone"),
                step,
            ));
            let content = error["content"].as_str().unwrap();
            assert!(content.ends_with(end));
            assert!(!content.trim_end_matches(end).contains("@everyone"));
            assert_eq!(error["allowed_mentions"], allowed);
        }
        let warning = message(&rendered(
            &discord,
            &Notice::new(Level::WARN, "x"),
            Step::default(),
        ));
        assert_eq!(warning["allowed_mentions"], json!({ "parse": [] }));
    }
}

#[test]
fn a_routed_event_goes_to_its_thread() {
    let discord: Discord = adapter(json!({
        "url": "https://discord.com/api/webhooks/123/abc", "thread_id": "5",
    }));
    let mut notice = Notice::new(Level::ERROR, "x");
    for (routed, thread) in [
        ("6", "6"),
        ("x&wait=false", "5"),
        ("99999999999999999999", "5"),
    ] {
        notice.routes = vec![("discord_thread".to_owned(), routed.to_owned())];
        let request = rendered(&discord, &notice, Step::default());
        let query = request.url().path_and_query().split_once('?').unwrap().1;
        assert_eq!(query, format!("wait=true&thread_id={thread}"));
    }
}

#[test]
fn the_sender_names_itself_as_discord_demands() {
    let request = rendered(&discord(), &Notice::new(Level::ERROR, "x"), Step::default());
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("DiscordBot (https://") && agent.ends_with(')'));
}
