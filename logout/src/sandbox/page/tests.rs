//! Tests of who may ask the page, and of what it is told.

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use smol::channel::{self, Receiver};

use super::super::{Platform, Sandbox, Trouble};
use super::access::AccessCheck;
use super::page_state::{Cursor, PageState};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        let value = HeaderValue::from_str(value).unwrap();
        (HeaderName::from_static(name), value)
    };
    pairs.iter().map(pair).collect()
}

#[test]
fn only_requests_that_name_loopback_are_answered() {
    let access = AccessCheck::new(80);
    for host in ["127.0.0.1:80", "localhost:80", "LocalHost:80", "[::1]:80"] {
        assert!(access.may_read(&headers(&[("host", host)])), "{host}");
    }
    for host in [
        "evil.example:80",
        "127.0.0.1:81",
        "127.0.0.1.evil.example:80",
        "",
    ] {
        assert!(!access.may_read(&headers(&[("host", host)])), "{host}");
    }
    assert!(!access.may_read(&HeaderMap::new()));
    let mut twice = headers(&[("host", "127.0.0.1:80")]);
    twice.append("host", HeaderValue::from_static("evil.example"));
    assert!(!access.may_read(&twice));
}

#[test]
fn only_the_page_itself_may_press() {
    let access = AccessCheck::new(80);
    let right = [
        ("host", "localhost:80"),
        ("origin", "http://localhost:80"),
        ("x-sandbox-token", access.token()),
        ("content-type", "application/json"),
    ];
    assert!(access.may_write(&headers(&right)));
    for wrong in [
        ("host", "evil.example"),
        ("origin", "http://127.0.0.1:80"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("x-sandbox-token", "guessed"),
        ("content-type", "text/plain"),
    ] {
        let changed = right.map(|pair| if pair.0 == wrong.0 { wrong } else { pair });
        assert!(!access.may_write(&headers(&changed)), "{wrong:?}");
        let without: Vec<_> = right.into_iter().filter(|pair| pair.0 != wrong.0).collect();
        assert!(!access.may_write(&headers(&without)), "without {}", wrong.0);
    }
}

fn page(sandbox: &Sandbox) -> (PageState<fn()>, Receiver<String>) {
    let (pressed, presses) = channel::bounded(1);
    let page = sandbox.page().button("storm", "Storm");
    let page = PageState::new(page, pressed, channel::bounded(1).0);
    (page, presses)
}

fn trouble_of(news: &Value, name: &str) -> Value {
    let destinations = news["destinations"].as_array().unwrap();
    let one = destinations.iter().find(|one| one["name"] == name);
    one.unwrap()["trouble"].clone()
}

#[test]
fn a_button_makes_trouble_and_heals_it() {
    let sandbox = Sandbox::start().unwrap();
    let (page, presses) = page(&sandbox);
    let act = |body: Value| page.perform(body.to_string().as_bytes()).as_u16();
    assert_eq!(act(json!({ "outage": "slack" })), 204);
    assert_eq!(act(json!({ "gone": "zulip" })), 204);
    let news = page.news(&Cursor::default());
    assert_eq!(trouble_of(&news, "slack"), "answers 503");
    assert_eq!(trouble_of(&news, "zulip"), "webhook is gone");
    assert_eq!(trouble_of(&news, "discord"), Value::Null);
    assert_eq!(act(json!({ "heal": null })), 204);
    assert_eq!(
        trouble_of(&page.news(&Cursor::default()), "slack"),
        Value::Null
    );
    assert_eq!(presses.try_recv().as_deref(), Ok("heal"));
}

#[test]
fn a_press_of_heal_opens_a_closed_port_and_outlives_the_sandbox() {
    let closed = |_| {
        let sandbox = Sandbox::start().unwrap();
        let address = sandbox.url().replace("http://", "");
        sandbox.refuse_connections("slack");
        let is_refused = std::net::TcpStream::connect(&address).is_err();
        is_refused.then_some((sandbox, address))
    };
    // Another test may have taken a port that was closed.
    let (sandbox, address) = (0..3).find_map(closed).unwrap();
    let (page, _presses) = page(&sandbox);
    let heal = br#"{"heal":"slack"}"#;
    assert_eq!(page.perform(heal).as_u16(), 204);
    let start = std::time::Instant::now();
    while std::net::TcpStream::connect(&address).is_err() {
        assert!(start.elapsed() < std::time::Duration::from_secs(10));
    }
    // The page does not keep the sandbox alive.
    drop(sandbox);
    page.perform(heal);
}

#[test]
fn only_what_is_there_can_be_pressed() {
    let sandbox = Sandbox::start().unwrap();
    let (page, presses) = page(&sandbox);
    for (body, status) in [
        (r#"{"press":"storm"}"#, 204),
        // One press is waiting, and there is room for one.
        (r#"{"press":"storm"}"#, 503),
        (r#"{"press":"launch"}"#, 404),
        (r#"{"outage":"nowhere"}"#, 404),
        (r#"{"launch":"storm"}"#, 400),
        ("[]", 400),
        ("", 400),
    ] {
        assert_eq!(page.perform(body.as_bytes()).as_u16(), status, "{body}");
    }
    assert_eq!(presses.try_recv().as_deref(), Ok("storm"));
}

#[test]
fn the_page_is_told_no_secret() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add(Platform::Telegram, "bot").unwrap();
    sandbox.trouble("bot", Trouble::hang());
    let (page, _presses) = page(&sandbox);
    let told = page.news(&Cursor::default()).to_string();
    let figment = sandbox.figment();
    for key in ["telegram.bot_token", "zulip.bot_api_key"] {
        let secret: String = figment.extract_inner(key).unwrap();
        assert!(!told.contains(&secret), "{key}");
    }
}

#[test]
fn a_browser_of_another_run_is_told_everything_anew() {
    let sandbox = Sandbox::start().unwrap();
    let (page, _presses) = page(&sandbox);
    let news = page.news(&Cursor::read("run=elsewhere&seen=9&sampled=9"));
    assert_eq!((&news["anew"], &news["seen"]), (&json!(true), &json!(0)));
    let query = format!("run={}&seen=0", news["run"].as_str().unwrap());
    let cursor = Cursor::read(&query);
    assert_eq!(page.news(&cursor)["anew"], json!(false));
    assert!(!page.has_news(&cursor));
    sandbox.clear();
    assert!(page.has_news(&cursor));
    assert_eq!(page.news(&cursor)["anew"], json!(true));
}
