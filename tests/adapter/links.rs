//! Hostile texts as values in the block's links: on all four platforms these links work, lead where the block
//! says, and are the only ones.

use std::collections::BTreeMap;

use logout::adapter::{Form, NoticeLink, Request, Response, Step};
use logout::sandbox::Sandbox;
use logout::{Adapter, Discord, Notice, Slack, Telegram, Zulip, logout};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tracing::Level;

use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::judge::two_threads::on_two_threads;
use crate::judge::{corpus, discord, telegram, zulip};
use crate::support::{TIMEOUT, run_with};

logout! {
    struct Alerts {
        adapters: [Slack, Discord, Telegram, Zulip],
        links: [
            path: "https://path.example.org/of/{value}/now",
            query: "https://query.example.org/?q={value}&z=1",
            wiki: "https://wiki.example.org/#{fingerprint}",
        ],
    }
}

/// Returns the decoded text between the two in `address`.
fn value_between(address: &str, before: &str, behind: &str) -> Option<String> {
    let value = address.strip_prefix(before)?.strip_suffix(behind)?;
    let value = percent_decode_str(value).decode_utf8().unwrap();
    Some(value.into_owned())
}

#[test]
fn a_hostile_value_leads_where_the_block_says_and_brings_nothing_else_to_life() {
    let texts = corpus::texts();
    assert!(texts.len() > 400, "{}", texts.len());
    let filled = on_two_threads(&texts, |texts| {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_rate_limits(false);
        let filled = texts.iter().map(|text| chats_with_links(&sandbox, text));
        filled.sum::<usize>()
    });
    // The others are too long, or hold what is no text.
    let filled: usize = filled.into_iter().sum();
    assert!(filled > 1_000, "{filled}");
}

/// Returns in how many chats a text is in links, each of which leads where the block says.
fn chats_with_links(sandbox: &Sandbox, text: &str) -> usize {
    let figment = sandbox.figment().merge(("zulip.stream", "alerts"));
    let alerts = Alerts::from_figment(figment).unwrap().start().unwrap();
    let guard = run_with(alerts, || tracing::error!(value = %text, "payment failed"));
    guard.handle().flush(TIMEOUT).unwrap();
    drop(guard);
    let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in sandbox.inbox() {
        assert!(message.mentions().is_empty(), "{text:?}");
        let found = links.entry(message.platform().to_string()).or_default();
        let live = message.links().iter();
        found.extend(
            live.filter(|link| !link.starts_with("/user_uploads/"))
                .cloned(),
        );
    }
    sandbox.clear();
    assert_eq!(links.len(), 4, "{text:?}");
    let mut filled = 0;
    for (chat, links) in links {
        let begin: String = text.chars().take(80).collect();
        let context = format!("{chat}, {begin:?}: {links:?}");
        let (wiki, links) = links.split_last().unwrap();
        assert!(
            value_between(wiki, "https://wiki.example.org/#", "").is_some(),
            "{context}"
        );
        let values = match links {
            [] => continue,
            [path, query] => [
                value_between(path, "https://path.example.org/of/", "/now"),
                value_between(query, "https://query.example.org/?q=", "&z=1"),
            ],
            _ => panic!("{context}"),
        };
        let whole = Some(text.to_owned());
        assert_eq!(values, [whole.clone(), whole], "{context}");
        filled += 1;
    }
    filled
}

/// A link of a message: its name as people read it, and its address.
type Shown = (String, String);

/// Returns the links of a line of Markdown, which holds nothing else.
fn markdown_links(line: &str, read: impl Fn(&str) -> String) -> Vec<Shown> {
    let link = |link: &str| {
        let (name, address) = link.strip_prefix('[').unwrap().split_once("](").unwrap();
        let address = address.strip_suffix(')').unwrap();
        assert!(!name.contains(['[', ']', '\n']), "{line}");
        assert!(
            address
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"()<>\"'`*|\\$".contains(&b)),
            "{line}"
        );
        (read(name), address.to_owned())
    };
    line.split(") · [")
        .enumerate()
        .map(|(index, part)| {
            let start = if index == 0 { "" } else { "[" };
            let end = if part.ends_with(')') { "" } else { ")" };
            link(&format!("{start}{part}{end}"))
        })
        .collect()
}

fn on_slack(request: &Request) -> Vec<Shown> {
    fn collect(value: &Value, found: &mut Vec<Shown>) {
        if value["type"] == "link" {
            let text = |key: &str| value[key].as_str().unwrap().to_owned();
            found.push((text("text"), text("url")));
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            Value::Object(values) => values.values().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&serde_json::from_slice(request.body()).unwrap(), &mut found);
    found
}

fn on_discord(request: &Request) -> Vec<Shown> {
    let message = discord::message(request);
    let fields = message["embeds"][0]["fields"].as_array();
    let fields = fields.into_iter().flatten();
    let lines = fields.filter(|field| field["name"] == "links");
    lines
        .flat_map(|field| {
            let line = field["value"].as_str().unwrap();
            assert!(line.chars().count() <= 1_024);
            markdown_links(line, |name| discord::text_without_markup(name, false))
        })
        .collect()
}

fn on_telegram(request: &Request) -> Vec<Shown> {
    let message = telegram::body(request);
    telegram::judge(&message);
    let names = telegram::entities(&message, "text_link");
    let entities = message["entities"].as_array().unwrap().iter();
    let addresses = entities.filter_map(|entity| entity.get("url"));
    let addresses = addresses.map(|url| url.as_str().unwrap().to_owned());
    names.into_iter().zip(addresses).collect()
}

fn on_zulip(request: &Request) -> Vec<Shown> {
    let content = zulip::value(request, "content");
    let lines = content.lines().filter(|line| line.starts_with('['));
    lines
        .flat_map(|line| markdown_links(line, zulip::text_without_markup))
        .collect()
}

fn drawn<A: Adapter>(
    adapter: &A,
    notice: &Notice,
    read: fn(&Request) -> Vec<Shown>,
    step: Step<'_>,
) -> Vec<Shown> {
    let mut request = rendered(adapter, notice, step);
    if request.url().as_str().ends_with("/user_uploads") {
        request = rendered(adapter, notice, step.next(&Response::new(200)));
    }
    read(&request)
}

/// Returns the links of a notice in each chat.
fn links_in_each_chat(notice: &Notice, step: Step<'_>) -> [(&'static str, Vec<Shown>); 4] {
    let slack: Slack = adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }));
    let discord: Discord = adapter(json!({ "url": "https://discord.com/api/webhooks/1/a" }));
    let telegram: Telegram = adapter(json!({ "bot_token": "1:a", "chat_id": -5 }));
    let zulip: Zulip = adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "123",
    }));
    [
        ("slack", drawn(&slack, notice, on_slack, step)),
        ("discord", drawn(&discord, notice, on_discord, step)),
        ("telegram", drawn(&telegram, notice, on_telegram, step)),
        ("zulip", drawn(&zulip, notice, on_zulip, step)),
    ]
}

#[test]
fn a_hostile_name_stays_a_name_and_a_hostile_address_is_none() {
    for text in corpus::texts() {
        let mut notice = Notice::new(Level::ERROR, "payment failed");
        notice.links = vec![
            NoticeLink::new(text.as_str(), "https://wiki.example.org/a"),
            NoticeLink::new("hostile", text.as_str()),
            NoticeLink::new("trace", format!("https://wiki.example.org/{text}")),
        ];
        for (chat, links) in links_in_each_chat(&notice, Step::default()) {
            let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
            let (first, others) = links.split_first().unwrap();
            assert_eq!(first.1, "https://wiki.example.org/a", "{chat}, {text:?}");
            assert!(
                !first.0.trim().is_empty() && first.0.chars().count() <= 60,
                "{chat}, {first:?}"
            );
            for (name, url) in others {
                let is_whole = match name.as_str() {
                    "hostile" => is_web(&text),
                    _ => url.starts_with("https://wiki.example.org/"),
                };
                assert!(
                    is_whole && url.bytes().all(|b| b.is_ascii_graphic()),
                    "{chat}, {url}"
                );
            }
        }
    }
}

#[test]
fn an_address_that_is_too_long_is_left_out_and_the_shorter_ones_behind_it_stay() {
    let address = |length: usize| format!("https://wiki.example.org/{}", "x".repeat(length - 25));
    let mut notice = Notice::new(Level::ERROR, "payment failed");
    notice.links = [3_000, 2_048, 1_500, 900, 400, 60]
        .map(|length| NoticeLink::new(format!("of_{length}"), address(length)))
        .to_vec();
    let names = |links: &[Shown]| {
        links
            .iter()
            .map(|link| link.0.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let links = links_in_each_chat(&notice, Step::default());
    let shown = links.each_ref().map(|(chat, links)| (*chat, names(links)));
    let shown = shown
        .each_ref()
        .map(|(chat, names)| (*chat, names.as_str()));
    assert_eq!(
        shown,
        [
            ("slack", "of_2048 of_900"),
            ("discord", "of_900 of_400 of_60"),
            ("telegram", "of_2048 of_1500 of_900 of_400 of_60"),
            ("zulip", "of_2048 of_900"),
        ]
    );
    notice.links = (0..200)
        .map(|number| NoticeLink::new("wiki", format!("https://a.example/{number}")))
        .collect();
    for (chat, links) in links_in_each_chat(&notice, Step::default()) {
        assert_eq!(links.len(), 20, "{chat}");
    }
}

#[test]
fn the_plain_form_holds_no_link() {
    let (_, notice) = &logout::testing::samples()[0];
    assert_eq!(notice.links.len(), 3);
    let plain = Step::plain();
    assert_eq!(plain.form, Form::Plain);
    for (chat, links) in links_in_each_chat(notice, plain) {
        assert!(links.is_empty(), "{chat}: {links:?}");
    }
    for (chat, links) in links_in_each_chat(notice, Step::default()) {
        assert_eq!(links.len(), 3, "{chat}: {links:?}");
    }
}
