//! Messages of Discord under any log text: their parts, their limits, and text that stays text.

use logout::adapter::{Form, NoticeField, ProblemState, Step};
use logout::{Adapter, Discord, Notice};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::discord::{judge, message};
use crate::judge::hostile::notice;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;

fn discord() -> Discord {
    adapter(json!({ "url": "https://discord.com/api/webhooks/123/abc" }))
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
fn a_notification_shows_the_headline_with_a_backslash_only_where_it_would_be_markup() {
    for (headline, content) in [
        (
            "payment failed: card declined",
            "payment failed: card declined",
        ),
        (
            "диск 98% voll (df), C:\\temp",
            "диск 98% voll (df), C:\\temp",
        ),
        (
            "user_id in Vec<u8> a|b 1/2 #general",
            "user_id in Vec<u8> a|b 1/2 #general",
        ),
        ("see https://evil.example", "see https\\://evil.example"),
        ("a:fire:b *x*", "a\\:fire:b \\*x\\*"),
        ("<@1> `y` @everyone", "\\<@1> \\`y\\` \\@everyone"),
    ] {
        let notice = Notice::new(Level::ERROR, headline);
        let request = rendered(&discord(), &notice, Step::default());
        assert_eq!(message(&request)["content"], format!("🔥 {content}"));
        assert_eq!(discord().preview(&request).text(), format!("🔥 {headline}"));
    }
}

#[test]
fn only_what_is_new_or_worse_and_grave_makes_a_sound() {
    let mut notice = Notice::new(Level::ERROR, "payment failed");
    let flags =
        |notice: &Notice, step| message(&rendered(&discord(), notice, step))["flags"].clone();
    for step in [Step::default(), Step::plain()] {
        assert_eq!(flags(&notice, step), Value::Null);
        notice.state = ProblemState::Known;
        // `SUPPRESS_NOTIFICATIONS`, and never `SUPPRESS_EMBEDS`, which would take ours.
        assert_eq!(flags(&notice, step), 1 << 12);
        notice.level_rose = true;
        assert_eq!(flags(&notice, step), Value::Null);
        (notice.state, notice.level_rose) = (ProblemState::New, false);
        let warning = Notice::new(Level::WARN, "cache is cold");
        assert_eq!(flags(&warning, step), 1 << 12);
    }
}

#[test]
fn whose_it_is_stands_in_the_footer_as_it_is_written() {
    let mut notice = Notice::new(Level::ERROR, "x");
    notice.project = "my_app *(eu)*".to_owned();
    notice.file = "src/pay.rs".to_owned();
    notice.fields = vec![
        NoticeField::new("elapsed_ms", "12.5"),
        NoticeField::new("x", "- 1"),
    ];
    let embed = message(&rendered(&discord(), &notice, Step::default()))["embeds"][0].clone();
    assert_eq!(embed["footer"]["text"], "my_app *(eu)*\nsrc/pay.rs");
    assert_eq!(embed["title"], Value::Null);
    assert!(embed["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(embed["fields"][0]["name"], "elapsed_ms");
    assert_eq!(embed["fields"][0]["value"], "12.5");
    assert_eq!(embed["fields"][1]["value"], "\\- 1");
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
