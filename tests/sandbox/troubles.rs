//! Troubles on demand.

use std::io::{BufReader, ErrorKind, Read};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use logout::sandbox::{Answer, Platform, Sandbox, Trouble};
use serde_json::json;

use crate::{chats, client};

const TIMEOUT: Duration = Duration::from_secs(5);

fn post(sandbox: &Sandbox, platform: Platform) -> std::io::Result<client::Answer> {
    let body = chats::simplest_message(sandbox, platform);
    chats::try_post(sandbox, platform, platform.instance(), &body)
}

#[test]
fn troubles_follow_one_another_and_end() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::status(503).times(2));
    let canned = Answer::new(410)
        .header("Content-Type", "text/html")
        .body("channel_is_archived");
    sandbox.trouble("slack", Trouble::answer(canned).times(1));
    let answers = [(); 4].map(|()| post(&sandbox, Platform::Slack).unwrap());
    assert_eq!(
        answers.each_ref().map(|answer| answer.status),
        [503, 503, 410, 200]
    );
    assert_eq!(answers[2].text(), "channel_is_archived");
    assert_eq!(sandbox.inbox().len(), 1);
    let exchanges = sandbox.requests();
    assert_eq!(exchanges.iter().filter(|one| one.is_troubled()).count(), 3);
    assert!(exchanges.iter().all(|one| one.refusal().is_none()));
}

#[test]
fn every_platform_says_in_its_own_words_to_wait_and_that_it_is_gone() {
    let sandbox = Sandbox::start().unwrap();
    for (platform, wait, gone) in [
        (Platform::Slack, "3", (404, "no_service")),
        (Platform::Discord, "3", (404, "10015")),
        (Platform::Telegram, "3", (401, "Unauthorized")),
        (Platform::Zulip, "2.5", (401, "INVALID_API_KEY")),
    ] {
        let limited = Trouble::rate_limited(Duration::from_millis(2500));
        sandbox.trouble(platform, limited.times(1));
        sandbox.trouble(platform, Trouble::gone());
        let answer = post(&sandbox, platform).unwrap();
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (429, Some(wait))
        );
        let answer = post(&sandbox, platform).unwrap();
        assert_eq!(answer.status, gone.0);
        assert!(answer.text().contains(gone.1));
        sandbox.heal(platform);
        assert!(post(&sandbox, platform).unwrap().status < 300);
    }
}

#[test]
fn a_lost_answer_leaves_a_marked_message() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("zulip", Trouble::close().times(1));
    sandbox.trouble("zulip", Trouble::close().delivering().times(1));
    sandbox.trouble("zulip", Trouble::status(502).delivering().times(1));
    sandbox.trouble("zulip", Trouble::cut_off().times(1));
    for _ in 0..2 {
        let error = post(&sandbox, Platform::Zulip).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }
    assert_eq!(post(&sandbox, Platform::Zulip).unwrap().status, 502);
    assert_eq!(
        post(&sandbox, Platform::Zulip).unwrap_err().kind(),
        ErrorKind::UnexpectedEof
    );
    post(&sandbox, Platform::Zulip).unwrap();
    let inbox = sandbox.inbox();
    assert_eq!(
        inbox
            .iter()
            .map(|message| message.status())
            .collect::<Vec<_>>(),
        [None, Some(502), Some(200), Some(200)]
    );
    let lost: Vec<_> = inbox.iter().map(|message| message.answer_lost()).collect();
    assert_eq!(lost, [true, true, true, false]);
}

#[test]
fn a_request_that_would_be_refused_is_not_delivered_by_a_trouble() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::status(502).delivering());
    let answer = chats::post(&sandbox, Platform::Slack, &json!({}));
    assert_eq!(answer.status, 400);
    assert!(sandbox.inbox().is_empty());
}

#[test]
fn spoilt_bodies_keep_their_status_and_their_message() {
    let sandbox = Sandbox::start().unwrap();
    let spoilt = [
        Trouble::not_json(),
        Trouble::truncated(),
        Trouble::latin1(),
        Trouble::huge(10 << 20),
    ];
    sandbox.set_rate_limits(false);
    for trouble in spoilt {
        sandbox.trouble("telegram", trouble.times(1));
        let answer = post(&sandbox, Platform::Telegram).unwrap();
        assert_eq!(answer.status, 200);
        let is_json = serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok();
        assert_eq!(is_json, answer.body.len() == 10 << 20);
    }
    assert_eq!(sandbox.inbox().len(), 4);
    assert!(!sandbox.inbox().iter().any(|message| message.answer_lost()));
}

#[test]
fn a_slow_answer_comes_in_pieces_and_a_late_one_late() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::delay(Duration::from_millis(150)).times(1));
    sandbox.trouble("slack", Trouble::slow(10).times(1));
    for _ in 0..2 {
        let start = Instant::now();
        assert_eq!(post(&sandbox, Platform::Slack).unwrap().text(), "ok");
        assert!(start.elapsed() >= Duration::from_millis(150));
    }
}

#[test]
fn one_that_hangs_delays_no_other() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::hang());
    let url = chats::url(&sandbox, Platform::Slack, "slack");
    let (authority, path) = client::split(&url);
    let mut hanging = TcpStream::connect(authority).unwrap();
    client::write(&mut hanging, "POST", authority, path, &[], b"{}").unwrap();
    assert_eq!(sandbox.wait_for_requests(1, TIMEOUT).len(), 1);
    for platform in [Platform::Discord, Platform::Telegram, Platform::Zulip] {
        assert!(post(&sandbox, platform).unwrap().status < 300);
    }
    hanging
        .set_read_timeout(Some(Duration::from_millis(20)))
        .unwrap();
    let error = hanging.read(&mut [0]).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
    assert_eq!(sandbox.requests()[0].status(), None);
}

#[test]
fn what_hangs_is_closed_when_it_is_healed() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::hang());
    let url = chats::url(&sandbox, Platform::Slack, "slack");
    let (authority, path) = client::split(&url);
    let mut hanging = TcpStream::connect(authority).unwrap();
    hanging.set_read_timeout(Some(TIMEOUT)).unwrap();
    client::write(&mut hanging, "POST", authority, path, &[], b"{}").unwrap();
    assert_eq!(sandbox.wait_for_requests(1, TIMEOUT).len(), 1);
    sandbox.heal("discord");
    sandbox.heal("slack");
    assert!(matches!(hanging.read(&mut [0]), Ok(0) | Err(_)));
    assert_eq!(post(&sandbox, Platform::Slack).unwrap().status, 200);
}

#[test]
fn a_refusing_port_is_closed_and_comes_back() {
    let closes_and_opens = |_| {
        let sandbox = Sandbox::start().unwrap();
        let url = chats::url(&sandbox, Platform::Slack, "slack");
        let (authority, _) = client::split(&url);
        let mut open = TcpStream::connect(authority).unwrap();
        open.set_read_timeout(Some(TIMEOUT)).unwrap();
        sandbox.refuse_connections(Platform::Slack);
        let connected = TcpStream::connect(authority);
        let is_closed = connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused);
        // The open connection ended too.
        assert!(matches!(open.read(&mut [0]), Ok(0) | Err(_)));
        assert!(post(&sandbox, Platform::Zulip).is_ok());
        sandbox.heal("slack");
        let answer = post(&sandbox, Platform::Slack);
        is_closed && answer.is_ok_and(|answer| answer.status == 200)
    };
    // Another test may take the port while it is closed.
    assert!((0..3).any(closes_and_opens));
}

#[test]
fn hundreds_of_connections_are_served_at_once() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    let url = chats::url(&sandbox, Platform::Slack, "slack");
    let (authority, path) = client::split(&url);
    let mut streams: Vec<_> = (0..300)
        .map(|_| TcpStream::connect(authority).unwrap())
        .collect();
    for _ in 0..2 {
        for stream in &mut streams {
            let body = br#"{"text":"x"}"#;
            client::write(stream, "POST", authority, path, &[chats::JSON], body).unwrap();
        }
        for stream in &streams {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            assert_eq!(client::read(&mut reader).unwrap().status, 200);
        }
    }
    assert_eq!(sandbox.wait_for(600, TIMEOUT).len(), 600);
    let mut used: Vec<_> = sandbox
        .inbox()
        .iter()
        .map(|message| message.request().connection())
        .collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), 300);
}

#[test]
fn a_wait_ends_with_the_message_it_waits_for() {
    let sandbox = Sandbox::start().unwrap();
    let (begun, waiting) = mpsc::channel();
    thread::scope(|scope| {
        let sandbox = &sandbox;
        let waiter = scope.spawn(move || {
            sandbox.wait_until(TIMEOUT, |inbox| {
                begun.send(()).unwrap();
                // It may use the sandbox.
                inbox.len() == sandbox.requests().len() && !inbox.is_empty()
            })
        });
        waiting.recv().unwrap();
        post(sandbox, Platform::Slack).unwrap();
        assert!(waiter.join().unwrap());
    });
    assert!(!sandbox.wait_until(Duration::from_millis(1), |inbox| inbox.len() > 1));
}

#[test]
fn a_dropped_sandbox_closes_its_ports() {
    let closes = |_| {
        let sandbox = Sandbox::start().unwrap();
        let url = sandbox.url();
        let (authority, _) = client::split(&url);
        drop(sandbox);
        TcpStream::connect(authority).is_err()
    };
    // Another test may have taken a port that was closed.
    assert!((0..3).any(closes));
}
