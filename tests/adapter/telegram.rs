//! Messages of Telegram under any log text: their parts, their limits, and text that stays text.

use std::time::{Duration, SystemTime};

use logout::adapter::{Response, Step};
use logout::testing::samples;
use logout::{Notice, Telegram};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::hostile::notice;
use crate::judge::plain_text::is_plain;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::judge::telegram::{body, entities, judge};

fn telegram() -> Telegram {
    adapter(json!({ "bot_token": "123456:ABC", "chat_id": -1_001_234_567_890_i64 }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_of_the_log_comes_alive(notice in notice()) {
        let telegram = telegram();
        let request = rendered(&telegram, &notice, Step::default());
        let message = body(&request);
        judge(&message);
        if is_plain(&notice.headline) && !notice.headline.contains('\n') && notice.headline.len() < 60 {
            let first = format!("{} {}", notice.emoji(), notice.headline);
            assert_eq!(message["text"].as_str().unwrap().lines().next(), Some(&*first));
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
fn the_time_is_shown_in_the_readers_zone_and_in_the_plain_form_not_at_all() {
    let telegram = telegram();
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_331_471);
    notice.file = "src/pay.rs".to_owned();
    notice.fingerprint = "3fa9c1".to_owned();
    let message = body(&rendered(&telegram, &notice, Step::default()));
    judge(&message);
    assert_eq!(
        message["text"],
        "🔥 x\nsrc/pay.rs · #3fa9c1 · 2025-11-28 12:04:31 UTC"
    );
    assert_eq!(entities(&message, "code"), ["src/pay.rs", "#3fa9c1"]);
    assert_eq!(entities(&message, "date_time"), ["2025-11-28 12:04:31 UTC"]);
    let last = message["entities"].as_array().unwrap().last().unwrap();
    assert_eq!(last["unix_time"], 1_764_331_471);
    // A server that does not know the entity refuses the message, and gets this one.
    let plain = body(&rendered(&telegram, &notice, Step::plain()));
    assert!(entities(&plain, "date_time").is_empty());
}

#[test]
fn what_is_told_again_makes_no_sound_and_what_got_worse_does() {
    let telegram = telegram();
    for (name, silent) in [
        ("event", Value::Null),
        ("reminder", json!(true)),
        ("quiet", json!(true)),
        ("worse", Value::Null),
    ] {
        let (_, notice) = samples().iter().find(|(kind, _)| *kind == name).unwrap();
        let message = body(&rendered(&telegram, notice, Step::default()));
        assert_eq!(message["disable_notification"], silent, "{name}");
    }
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
            .starts_with("🔥 x\n@oncall_ana · shop\n")
    );
    assert_eq!(message["chat_id"], "@ops_chat");
    let notice = Notice::new(Level::WARN, "x");
    let message = body(&rendered(&telegram, &notice, Step::default()));
    assert!(!message["text"].as_str().unwrap().contains('@'));
}
