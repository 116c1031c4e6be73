//! What Telegram's messages hold, whatever the log says.

use logout::{Notice, Request, Response, Step, Telegram};
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

fn telegram() -> Telegram {
    adapter(json!({ "bot_token": "123456:ABC", "chat_id": -1_001_234_567_890_i64 }))
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// What the server makes of a text (tdlib, `clean_input_string` and the trimming after it).
fn cleaned(text: &str) -> String {
    let spaces = |c: char| {
        if c.is_ascii_control() && c != '\n' && c != '\x7f' {
            ' '
        } else {
            c
        }
    };
    let kept = |c: &char| {
        !matches!(
            c,
            '\r' | '\u{2028}'..='\u{202e}' | '\u{333}' | '\u{33f}' | '\u{30a}'
        )
    };
    let text: String = text.chars().filter(kept).map(spaces).collect();
    text.trim_matches([' ', '\n']).to_owned()
}

/// The texts of all entities of one kind, cut out by UTF-16 offsets.
fn entities(message: &Value, kind: &str) -> Vec<String> {
    let units: Vec<u16> = message["text"].as_str().unwrap().encode_utf16().collect();
    let all = message["entities"].as_array().unwrap();
    all.iter()
        .filter(|entity| entity["type"] == kind)
        .map(|entity| {
            let offset = entity["offset"].as_u64().unwrap() as usize;
            let length = entity["length"].as_u64().unwrap() as usize;
            String::from_utf16(&units[offset..offset + length]).unwrap()
        })
        .collect()
}

fn judge(message: &Value) {
    let text = message["text"].as_str().unwrap();
    assert!(text.chars().count() <= 4_096);
    assert_eq!(cleaned(text), text, "the server would shift the entities");
    assert_eq!(message["link_preview_options"]["is_disabled"], true);
    assert!(message.get("parse_mode").is_none());

    let mut units: Vec<u16> = text.encode_utf16().collect();
    let entities = message["entities"].as_array().unwrap();
    assert!(entities.len() < 100);
    let mut end = 0;
    for entity in entities {
        let offset = entity["offset"].as_u64().unwrap() as usize;
        let length = entity["length"].as_u64().unwrap() as usize;
        assert!(offset >= end && length > 0 && offset + length <= units.len());
        end = offset + length;
        let covered = String::from_utf16(&units[offset..end]).unwrap();
        assert!(
            !covered.trim().is_empty(),
            "the server drops an entity of white space"
        );
        if entity["type"] != "bold" {
            units[offset..end].fill(u16::from(b'_'));
        }
    }
    let bare = String::from_utf16(&units).unwrap();
    let linkable = |c: char| c.is_ascii_punctuation() && !matches!(c, '_' | '-');
    assert!(!bare.contains(linkable), "could be linked: {bare}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_of_the_log_stands_outside_of_code(notice in notice()) {
        let telegram = telegram();
        let request = rendered(&telegram, &notice, Step::default());
        let message = body(&request);
        judge(&message);
        if is_plain(&notice.headline) && !notice.headline.contains('\n') && notice.headline.len() < 60 {
            assert!(entities(&message, "code").contains(&notice.headline));
            if is_plain(&notice.body) && !request.is_followed() {
                assert!(entities(&message, "pre").contains(&notice.body));
            }
        }
        judge(&body(&rendered(&telegram, &notice, Step::plain())));
    }
}

#[test]
fn what_had_to_be_cut_follows_as_a_file_in_answer_to_the_message() {
    let telegram = telegram();
    let mut notice = Notice::new(Level::ERROR, "storm");
    notice.body = "line\n".repeat(2_000) + "the end";
    let request = rendered(&telegram, &notice, Step::default());
    assert!(request.is_followed());
    let shown = body(&request)["text"].as_str().unwrap().to_owned();
    assert!(shown.contains(" lines …\n") && shown.contains("line\nthe end\n"));

    let mut answer = Response::new(200);
    answer.set_body(r#"{"ok":true,"result":{"message_id":365}}"#);
    let request = rendered(&telegram, &notice, Step::default().next(&answer));
    assert!(!request.is_followed());
    assert_eq!(
        request.url().as_str(),
        "https://api.telegram.org/bot123456:ABC/sendDocument"
    );
    let form = String::from_utf8(request.body().to_vec()).unwrap();
    assert!(form.contains("name=\"chat_id\"\r\n\r\n-1001234567890\r\n"));
    assert!(form.contains("\"message_id\":365"));
    assert!(form.contains("name=\"document\"; filename=\"log.txt\""));
    assert!(form.contains(&notice.body));
}

#[test]
fn only_errors_make_a_sound() {
    let telegram = telegram();
    for (level, silent) in [(Level::WARN, json!(true)), (Level::ERROR, Value::Null)] {
        let message = body(&rendered(
            &telegram,
            &Notice::new(level, "x"),
            Step::default(),
        ));
        assert_eq!(message["disable_notification"], silent, "{level}");
    }
}

#[test]
fn a_mention_on_purpose_is_made_from_error_up() {
    let telegram: Telegram = adapter(json!({
        "bot_token": "123456:ABC", "chat_id": "@ops_chat", "mention": "oncall_ana",
    }));
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.project = "shop".to_owned();
    let message = body(&rendered(&telegram, &notice, Step::default()));
    assert!(
        message["text"]
            .as_str()
            .unwrap()
            .starts_with("🔥 shop @oncall_ana\nx")
    );
    assert_eq!(message["chat_id"], "@ops_chat");
    let notice = Notice::new(Level::WARN, "x");
    let message = body(&rendered(&telegram, &notice, Step::default()));
    assert!(!message["text"].as_str().unwrap().contains('@'));
}
