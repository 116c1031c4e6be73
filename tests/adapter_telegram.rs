//! What Telegram's messages hold, whatever the log says.

use logout::adapter::{Response, Step};
use logout::{Notice, Telegram};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

mod adapter {
    pub(crate) mod hostile;
    pub(crate) mod plain;
    pub(crate) mod rendering;
    pub(crate) mod settings;
    pub(crate) mod telegram;
}

use adapter::hostile::notice;
use adapter::plain::is_plain;
use adapter::rendering::rendered;
use adapter::settings::adapter;
use adapter::telegram::{body, entities, judge};

fn telegram() -> Telegram {
    adapter(json!({ "bot_token": "123456:ABC", "chat_id": -1_001_234_567_890_i64 }))
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
fn a_long_backtrace_is_folded_and_whole_in_the_file() {
    let telegram = telegram();
    let mut notice = Notice::new(Level::ERROR, "panicked");
    notice.backtrace = (0..9).map(|frame| format!("{frame}: @shop\n")).collect();
    let short = rendered(&telegram, &notice, Step::default());
    assert!(!short.is_followed(), "nothing is left out");
    let message = body(&short);
    judge(&message);
    let trace = notice.backtrace.trim_end();
    for kind in ["expandable_blockquote", "code"] {
        assert!(
            entities(&message, kind).iter().any(|text| text == trace),
            "{kind}"
        );
    }

    notice.whole_backtrace = format!("{}9: std::rt::lang_start\n", notice.backtrace);
    let message = rendered(&telegram, &notice, Step::default());
    assert!(message.is_followed() && !body(&message)["text"].to_string().contains("lang_start"));
    let answer = Response::new(200);
    let file = rendered(&telegram, &notice, Step::default().next(&answer));
    assert!(String::from_utf8_lossy(file.body()).contains(&notice.whole_backtrace));
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
