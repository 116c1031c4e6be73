//! A corpus of hostile texts, in every place of a notice, on all four platforms.

use std::collections::BTreeSet;

use logout::adapter::{Form, NoticeField, NoticeProblem, Response, Step};
use logout::testing::notices_with;
use logout::{Discord, Notice, Slack, Telegram, Zulip};
use serde_json::json;
use tracing::Level;

use crate::judge::chats::Chats;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::judge::two_threads::on_two_threads;
use crate::judge::{corpus, discord, plain_text, slack, telegram, zulip};

const FORMS: [Form; 2] = [Form::Rich, Form::Plain];

fn first(form: Form) -> Step<'static> {
    match form {
        Form::Plain => Step::plain(),
        _ => Step::default(),
    }
}

/// Runs `judge`, which fails where it finds something, for every notice of the corpus.
fn judge_all(judge: impl Fn(&Notice, Form)) {
    let texts = corpus::texts();
    assert!(texts.len() > 400, "{}", texts.len());
    for text in texts {
        for (place, notice) in notices_with(&text) {
            for form in FORMS {
                let judged = std::panic::AssertUnwindSafe(|| judge(&notice, form));
                if std::panic::catch_unwind(judged).is_err() {
                    let begin: String = text.chars().take(80).collect();
                    panic!("{form:?}, {place}: {begin:?} ({} bytes)", text.len());
                }
            }
        }
    }
}

#[test]
fn slack_reads_no_syntax_in_it() {
    let slack: Slack = adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }));
    judge_all(|notice, form| {
        let answer = Response::new(200);
        let mut step = first(form);
        loop {
            let (message, followed) = slack::message(&slack, notice, step);
            slack::judge(notice, &message);
            if !followed {
                return;
            }
            step = step.next(&answer);
        }
    });
}

#[test]
fn discord_reads_no_markup_in_it() {
    let discord = discord();
    judge_all(|notice, form| {
        let request = rendered(&discord, notice, first(form));
        discord::judge(notice, form, &discord::message(&request));
    });
}

#[test]
fn telegram_finds_nothing_to_link_in_it() {
    let telegram: Telegram = adapter(json!({ "bot_token": "1:a", "chat_id": -5 }));
    judge_all(|notice, form| {
        telegram::judge(&telegram::body(&rendered(&telegram, notice, first(form))));
    });
}

#[test]
fn zulip_reads_no_markdown_in_it() {
    let zulip = zulip();
    judge_all(|notice, form| {
        let answer = Response::new(200);
        let mut request = rendered(&zulip, notice, first(form));
        if request.is_followed() {
            request = rendered(&zulip, notice, first(form).next(&answer));
        }
        zulip::judge(notice, &request);
    });
}

fn discord() -> Discord {
    adapter(json!({ "url": "https://discord.com/api/webhooks/1/a" }))
}

fn zulip() -> Zulip {
    adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "123",
    }))
}

#[test]
fn each_line_of_it_is_read_as_text_on_discord_and_zulip() {
    let (discord, zulip) = (discord(), zulip());
    let texts = corpus::texts();
    let lines: BTreeSet<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    assert!(lines.len() > 400, "{}", lines.len());
    for line in lines {
        let mut notice = Notice::new(Level::ERROR, line);
        notice.project = line.to_owned();
        notice.fields = vec![NoticeField::new("text", line), NoticeField::new(line, "42")];
        let request = rendered(&discord, &notice, Step::default());
        discord::judge(&notice, Form::Rich, &discord::message(&request));
        let mut request = rendered(&zulip, &notice, Step::default());
        if request.is_followed() {
            request = rendered(&zulip, &notice, Step::default().next(&Response::new(200)));
        }
        zulip::judge(&notice, &request);
    }
}

/// Returns lines that services log, each alone and with other words around it.
fn headlines() -> Vec<String> {
    let lines = include_str!("../problems.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let lines: Vec<_> = lines
        .map(|line| line.splitn(3, '\t').nth(2).unwrap())
        .collect();
    let with = |line: &&str| [(*line).to_owned(), format!("order 4711 ({line}), 12 ms")];
    lines.iter().flat_map(with).collect()
}

#[test]
fn no_ordinary_headline_is_code_on_discord_or_zulip() {
    let headlines = headlines();
    assert!(headlines.len() > 2_000, "{}", headlines.len());
    for headline in headlines {
        let notice = Notice::new(Level::ERROR, &*headline);
        let request = rendered(&discord(), &notice, Step::default());
        let message = discord::message(&request);
        discord::judge(&notice, Form::Rich, &message);
        let content = message["content"].as_str().unwrap();
        assert!(!content.replace("\\`", "").contains('`'), "{content}");

        let request = rendered(&zulip(), &notice, Step::default());
        zulip::judge(&notice, &request);
        let content = zulip::value(&request, "content");
        assert!(!content.lines().next().unwrap().contains('`'), "{content}");
    }
}

#[test]
fn each_line_of_it_is_read_as_text_on_telegram() {
    let telegram: Telegram = adapter(json!({ "bot_token": "1:a", "chat_id": -5 }));
    let texts = corpus::texts();
    let lines: BTreeSet<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    for line in lines {
        let mut notice = notice_of(line);
        for problems in [vec![], vec![NoticeProblem::new("3fa9c1", line)]] {
            notice.problems = problems;
            let message = telegram::body(&rendered(&telegram, &notice, Step::default()));
            telegram::judge(&message);
            let text = message["text"].as_str().unwrap();
            if plain_text::is_plain(line) && line.chars().count() <= 60 {
                for shown in [
                    format!("{} {line}\n{line}\n", notice.emoji()),
                    format!("\ntext {line} · {line} 42\n"),
                    format!("\n{line}\n{line}\n"),
                ] {
                    assert!(text.contains(&shown), "{shown:?} is not in {text:?}");
                }
            }
        }
    }
}

/// Returns a notice in which `line` is the first line, the project's name, a field's name and value, and the
/// body.
fn notice_of(line: &str) -> Notice {
    let mut notice = Notice::new(Level::ERROR, line);
    notice.project = line.to_owned();
    notice.body = format!("{line}\n{line}");
    notice.fields = vec![NoticeField::new("text", line), NoticeField::new(line, "42")];
    notice
}

#[test]
fn each_line_of_it_arrives_and_calls_nobody() {
    let texts = corpus::texts();
    let lines: BTreeSet<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    on_two_threads(&Vec::from_iter(lines), |lines| {
        let mut chats = Chats::open();
        for line in lines {
            let mut notice = notice_of(line);
            notice.problems = vec![NoticeProblem::new("3fa9c1", *line)];
            let findings = chats.findings(&notice, Step::default(), |_, _| {});
            assert!(findings.is_empty(), "{line:?}: {findings:?}");
        }
    });
}

/// First lines as the code of services has them: of a text that never changes, of a value or two in
/// it, of errors of std and of what most services use.
const ORDINARY: [&str; 50] = [
    "payment failed: card declined",
    "payment {n} failed: insufficient funds",
    "could not charge customer {n}",
    "order {n} was shipped twice",
    "order ORD-{n} could not be reserved",
    "out of stock: {w}",
    "cart is empty",
    "invoice for {w} is overdue by {n} days",
    "request failed",
    "request timed out after {n} ms",
    "request {u} failed",
    "upstream returned 502 Bad Gateway",
    "rate limit of {w} exceeded, retrying in {n} s",
    "connection reset by peer",
    "connection refused (os error 111)",
    "broken pipe (os error 32)",
    "No such file or directory (os error 2)",
    "Permission denied (os error 13)",
    "Too many open files (os error 24)",
    "failed to lookup address information: Name or service not known",
    "could not connect to {w}: connection refused",
    "lost connection to the database, reconnecting",
    "pool timed out while waiting for an open connection",
    "error returned from database: deadlock detected",
    "error returned from database: duplicate key value violates unique constraint \"{w}_pkey\"",
    "error returned from database: relation \"{w}\" does not exist",
    "error returned from database: canceling statement due to statement timeout",
    "migration {n} took {n} s",
    "slow query: {n} ms",
    "cache miss rate above {n} %",
    "cache is cold",
    "disk almost full: {n} % used",
    "memory usage at {n} MiB",
    "queue {w} is {n} messages behind",
    "job {w} failed after {n} attempts",
    "worker {n} did not stop within {n} s",
    "task {n} panicked",
    "panicked: index out of bounds: the len is 3 but the index is {n}",
    "panicked: called `Option::unwrap()` on a `None` value",
    "panicked: called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
    "invalid digit found in string",
    "missing field `{w}` at line {n} column {n}",
    "unknown variant `{w}`, expected `open` or `closed`",
    "invalid type: null, expected a string",
    "token of user {n} has expired",
    "login failed for user {w}",
    "certificate of {w}.example.com expires in {n} days",
    "could not open /etc/{w}/settings: permission denied",
    "GET /api/{w}/{n} returned 500",
    "mail to {w}@example.com bounced",
];

fn ordinary_headlines() -> impl Iterator<Item = String> {
    const WORDS: [&str; 8] = [
        "stock",
        "users",
        "billing",
        "report_daily",
        "eu-central-1",
        "emails",
        "Paris",
        "alice",
    ];
    (0..2_000_usize).map(|number| {
        let digits = number * 7_919 % [10, 100, 1_000, 100_000][number / 50 % 4];
        let uuid = format!(
            "{:08x}-7c1e-4f0a-9b1d-{:012x}",
            digits * 40_503,
            digits * 7_919
        );
        ORDINARY[number % ORDINARY.len()]
            .replace("{n}", &digits.to_string())
            .replace("{w}", WORDS[number / 50 % WORDS.len()])
            .replace("{u}", &uuid)
    })
}

#[test]
fn of_ordinary_headlines_few_hold_code_on_telegram_and_none_is_code_as_a_whole() {
    let telegram: Telegram = adapter(json!({ "bot_token": "1:a", "chat_id": -5 }));
    let code = |headline: &str| {
        let mut notice = Notice::new(Level::ERROR, headline);
        notice.time = std::time::UNIX_EPOCH - std::time::Duration::from_secs(1);
        let message = telegram::body(&rendered(&telegram, &notice, Step::default()));
        telegram::judge(&message);
        let text = message["text"].as_str().unwrap();
        assert_eq!(text, format!("🔥 {headline}"));
        let code = telegram::entities(&message, "code");
        assert!(code.iter().all(|code| code != headline), "{headline}");
        code
    };
    let all: Vec<_> = ordinary_headlines().collect();
    let some = all.iter().filter(|line| !code(line).is_empty()).count();
    assert!(some * 100 <= all.len() * 12, "{some} of {}", all.len());
    // Lines chosen for their addresses, paths and mails: each of these is code, and no more than that.
    for headline in headlines() {
        for code in code(&headline) {
            let is_meant = |mark| code.contains(mark);
            assert!(
                ["://", "@", "/", "#", "$", "."].into_iter().any(is_meant)
                    || code.chars().filter(char::is_ascii_digit).count() >= 13,
                "{code:?} in {headline}"
            );
        }
    }
}

#[test]
fn every_platform_takes_it_whole_and_calls_nobody() {
    on_two_threads(&corpus::texts(), |texts| {
        let mut chats = Chats::open();
        for text in texts {
            // Each place alone is judged above, without a server.
            let (place, mut notice) = notices_with(text).last().unwrap();
            assert_eq!(place, "every place");
            // A thread that nobody opened is refused, as it should be.
            notice.routes.retain(|(route, _)| route == "zulip_topic");
            for form in FORMS {
                let findings = chats.findings(&notice, first(form), |_, _| {});
                let begin: String = text.chars().take(80).collect();
                assert!(findings.is_empty(), "{form:?}: {begin:?}: {findings:?}");
            }
        }
    });
}
