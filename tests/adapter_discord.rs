//! What Discord's messages hold, whatever the log says.

use logout::adapter::{Form, Step};
use logout::{Discord, Notice};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::json;
use tracing::Level;

mod adapter {
    pub(crate) mod discord;
    pub(crate) mod hostile;
    pub(crate) mod plain;
    pub(crate) mod rendering;
    pub(crate) mod settings;
}

use adapter::discord::{judge, message};
use adapter::hostile::notice;
use adapter::rendering::rendered;
use adapter::settings::adapter;

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
fn a_notification_shows_the_headline_without_backticks_where_nothing_in_it_is_markup() {
    let content = |headline: &str| {
        let notice = Notice::new(Level::ERROR, headline);
        let message = message(&rendered(&discord(), &notice, Step::default()));
        message["content"].as_str().unwrap().to_owned()
    };
    for headline in ["payment failed: card declined", "диск 98% voll (df)"] {
        assert_eq!(content(headline), format!("🔥 {headline}"));
    }
    for headline in [
        "see https://evil.example",
        "a:fire:b",
        "user_id",
        "*x*",
        "<@1>",
        "a|b",
        "1/2",
        "#general",
    ] {
        assert_eq!(content(headline), format!("🔥 `{headline}`"));
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
