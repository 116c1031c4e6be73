//! Rate limits, each answered in its platform's own form.

use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox};
use serde_json::json;

use crate::{chats, client};

/// Below the second after which the shortest limits begin anew.
const AT_ONCE: Duration = Duration::from_millis(900);

/// Posts until something else than success comes, at most `most` messages and one; returns how many were taken.
fn first_refused(sandbox: &Sandbox, platform: Platform, most: usize) -> (usize, client::Answer) {
    let body = chats::simplest_message(sandbox, platform);
    let mut taken = 0;
    loop {
        let answer = chats::post(sandbox, platform, &body);
        if answer.status >= 300 || taken == most {
            return (taken, answer);
        }
        taken += 1;
    }
}

/// Returns what `work` finds in a new sandbox, of the first time that it is done [`AT_ONCE`]: a busy machine may
/// need longer than a limit lasts.
fn at_once<T>(work: impl Fn(&Sandbox) -> T) -> T {
    let mut tries = (0..10).filter_map(|_| {
        let sandbox = Sandbox::start().unwrap();
        let start = Instant::now();
        let found = work(&sandbox);
        (start.elapsed() < AT_ONCE).then_some(found)
    });
    tries.next().expect("no try was done at once")
}

#[test]
fn slack_asks_for_whole_seconds_in_a_header() {
    let sandbox = Sandbox::start().unwrap();
    let (taken, answer) = first_refused(&sandbox, Platform::Slack, 10);
    assert!((1..=5).contains(&taken));
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("1"))
    );
}

#[test]
fn discord_takes_five_in_two_seconds_and_tells_what_is_left() {
    let (taken, answer) = at_once(|sandbox| first_refused(sandbox, Platform::Discord, 10));
    assert_eq!((taken, answer.status), (5, 429));
    assert_eq!(answer.header("x-ratelimit-limit"), Some("5"));
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(answer.header("x-ratelimit-scope"), Some("user"));
    assert_eq!(answer.header("retry-after"), Some("2"));
    let wait = answer.json()["retry_after"].as_f64().unwrap();
    assert!(wait > 1.0 && wait <= 2.0, "{wait}");
}

#[test]
fn discord_counts_milliseconds_on_urls_without_a_version() {
    let answer = at_once(|sandbox| {
        first_refused(sandbox, Platform::Discord, 10);
        let url = chats::setting(sandbox, "discord.url");
        let body = br#"{"content":"x"}"#;
        client::send("POST", &url, &[chats::AGENT, chats::JSON], body).unwrap()
    });
    let wait = answer.json()["retry_after"].as_u64().unwrap();
    assert!(wait > 1000 && wait <= 2000, "{wait}");
    assert_eq!(
        answer.header("retry-after"),
        Some(wait.to_string().as_str())
    );
}

#[test]
fn telegram_says_the_same_in_header_and_body() {
    let sandbox = Sandbox::start().unwrap();
    let (taken, answer) = first_refused(&sandbox, Platform::Telegram, 10);
    assert!((1..=5).contains(&taken));
    assert_eq!(answer.json()["parameters"]["retry_after"], 1);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.json()["error_code"], 429);
}

#[test]
fn zulip_takes_two_hundred_and_answers_with_a_float() {
    let sandbox = Sandbox::start().unwrap();
    let (taken, answer) = first_refused(&sandbox, Platform::Zulip, 300);
    assert_eq!((taken, answer.status), (200, 429));
    assert_eq!(answer.json()["code"], "RATE_LIMIT_HIT");
    let wait = answer.json()["retry-after"].as_f64().unwrap();
    assert!(wait > 30.0 && wait <= 60.0, "{wait}");
    assert_eq!(
        answer.header("retry-after"),
        Some(wait.to_string().as_str())
    );
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
}

#[test]
fn the_web_api_asks_for_whole_seconds_in_a_header() {
    let sandbox = Sandbox::start().unwrap();
    let (taken, answer) = first_refused(&sandbox, Platform::SlackBot, 10);
    assert!((1..=5).contains(&taken));
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("1"))
    );
    assert_eq!(answer.json()["error"], "ratelimited");
}

#[test]
fn teams_takes_four_in_a_second() {
    let (taken, answer) = at_once(|sandbox| first_refused(sandbox, Platform::Teams, 10));
    assert_eq!((taken, answer.status), (4, 429));
    assert_eq!(answer.json()["error"]["code"], "TooManyRequests");
}

#[test]
fn google_chat_takes_sixty_in_a_minute() {
    let sandbox = Sandbox::start().unwrap();
    let (taken, answer) = first_refused(&sandbox, Platform::GoogleChat, 100);
    assert_eq!((taken, answer.status), (60, 429));
    assert_eq!(answer.json()["error"]["status"], "RESOURCE_EXHAUSTED");
}

#[test]
fn pager_duty_takes_a_hundred_and_twenty_in_a_minute() {
    let sandbox = Sandbox::start().unwrap();
    let (taken, answer) = first_refused(&sandbox, Platform::PagerDuty, 200);
    assert_eq!((taken, answer.status), (120, 429));
}

#[test]
fn chats_of_one_bot_have_limits_of_their_own() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add(Platform::Telegram, "ops").unwrap();
    let (_, refused) = first_refused(&sandbox, Platform::Telegram, 10);
    assert_eq!(refused.status, 429);
    let chat: i64 = chats::setting(&sandbox, "ops.chat_id").parse().unwrap();
    let body = json!({ "chat_id": chat, "text": "hello" });
    let answer = chats::try_post(&sandbox, Platform::Telegram, "ops", &body).unwrap();
    assert_eq!(answer.status, 200);
}

#[test]
fn limits_can_be_replaced_and_switched_off() {
    let (taken, refused, unlimited) = at_once(|sandbox| {
        sandbox.set_rate_limit("discord", 1, Duration::from_secs(9));
        let (taken, refused) = first_refused(sandbox, Platform::Discord, 3);
        sandbox.set_rate_limits(false);
        let message = json!({ "content": "x" });
        let unlimited = chats::post(sandbox, Platform::Discord, &message);
        (taken, refused, unlimited)
    });
    assert_eq!((taken, refused.header("retry-after")), (1, Some("9")));
    assert_eq!(refused.header("x-ratelimit-limit"), Some("1"));
    assert_eq!(
        (unlimited.status, unlimited.header("x-ratelimit-limit")),
        (204, None)
    );
}
