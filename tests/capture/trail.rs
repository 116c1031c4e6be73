//! Trails: the earlier events that a message shows with an event.

use std::panic::{AssertUnwindSafe, catch_unwind};

use logout::{Discord, Slack, Telegram, Zulip, logout};
use tracing::{debug, error, info, info_span, warn};

use crate::support;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "shop",
        utc_log: true,
        trail: 3,
        ignore: [target: "noisy", quiet: "true"],
        mask: [voucher],
        adapters: [Slack, Discord, Telegram { chat_id: 1 }, Zulip { stream: "alerts" }],
    }
}

logout! {
    struct Requests {
        trail: { events: 20, level: DEBUG, bytes: "8 KiB", span: "request" },
        metadata: [order],
        adapters: [Zulip { stream: "alerts" }],
    }
}

logout! {
    struct Bare { adapters: [Zulip { stream: "alerts" }] }
}

/// Returns Slack's preview of the events that `work` logs.
fn slack_preview(work: impl FnOnce()) -> String {
    let previews = Alerts::preview().unwrap().events(work);
    previews.text(AlertsAdapter::Slack)
}

/// Returns the lines of the trail without their times.
fn trail(text: &str) -> Vec<&str> {
    let lines = text.lines().filter_map(|line| {
        let (time, rest) = line.trim_start_matches(['│', ' ']).split_once(' ')?;
        let is_time = time.len() == "12:04:31.120".len() && time.as_bytes()[8] == b'.';
        is_time.then_some(rest)
    });
    lines.collect()
}

/// Returns whether a line announces a trail.
fn has_title(text: &str) -> bool {
    let lines = text.lines();
    let mut lines = lines.map(|line| line.trim_start_matches(['│', '*', ' ']));
    lines.any(|line| line.starts_with("trail"))
}

#[test]
fn every_chat_shows_what_led_to_an_error_oldest_first() {
    let previews = Alerts::preview().unwrap().events(|| {
        let _request = info_span!("request", id = 7).entered();
        info!(card = "visa", "charging");
        let _charge = info_span!("charge").entered();
        warn!(retries = 2, "gateway is slow");
        error!("payment failed");
    });
    for adapter in [
        AlertsAdapter::Slack,
        AlertsAdapter::Discord,
        AlertsAdapter::Telegram,
        AlertsAdapter::Zulip,
    ] {
        let of_error = previews.of(adapter).last().unwrap().text().to_owned();
        assert!(has_title(&of_error), "{adapter:?}: {of_error}");
        assert_eq!(
            trail(&of_error),
            ["INFO charging card=visa", "WARN gateway is slow retries=2"],
            "{adapter:?}: {of_error}"
        );
    }
}

#[test]
fn the_last_events_are_kept_and_none_of_another_request() {
    let text = slack_preview(|| {
        info!("outside of any span");
        info_span!("request").in_scope(|| info!("of another request"));
        let _request = info_span!("request").entered();
        for step in 1..=5 {
            info!(step, "working");
        }
        debug!("below the level");
        error!("payment failed");
    });
    assert_eq!(
        trail(&text),
        [
            "INFO working step=3",
            "INFO working step=4",
            "INFO working step=5"
        ],
        "{text}"
    );
}

#[test]
fn without_a_span_there_is_none() {
    let text = slack_preview(|| {
        info!("outside of any span");
        error!("payment failed");
    });
    assert!(!has_title(&text) && !text.contains("outside"), "{text}");
}

#[test]
fn what_is_ignored_is_in_no_trail() {
    let text = slack_preview(|| {
        let _request = info_span!("request").entered();
        info!(target: "noisy::inner", "by target");
        info!(quiet = true, "by field");
        info!("kept");
        error!("payment failed");
    });
    assert_eq!(trail(&text), ["INFO kept"], "{text}");
}

logout! {
    struct Filtered {
        utc_log: true,
        trail: 9,
        metadata_filter: [target: "shop", team: "billing", team: "pay"],
        adapters: [
            Slack,
            terse: Discord { ignore: [target: "shop::cache", slow: "true"] },
        ],
    }
}

#[test]
fn what_is_filtered_is_in_no_trail_either() {
    let previews = Filtered::preview().unwrap().events(|| {
        let _request = info_span!(target: "shop", "request", team = "billing").entered();
        info!(target: "hyper", "by target");
        info!(target: "shop", team = "search", "by field");
        info!(target: "shop", team = "pay", "an alternative");
        info!(target: "shop::cache", "cold");
        info!(target: "shop", slow = true, "looking");
        info!(target: "shop", "of the request");
        error!(target: "shop", "payment failed");
    });
    let kept = [
        "INFO an alternative team=pay",
        "INFO cold",
        "INFO looking slow=true",
        "INFO of the request",
    ];
    let slack = previews.text(FilteredAdapter::Slack);
    assert_eq!(trail(&slack), kept, "{slack}");
    // What one chat leaves out is left out of its trails.
    let terse = previews.text(FilteredAdapter::Terse);
    assert_eq!(trail(&terse), [kept[0], kept[3]], "{terse}");
}

#[test]
fn what_is_masked_and_what_is_hidden_is_masked_and_visible_in_a_trail_too() {
    let text = slack_preview(|| {
        let _request = info_span!("request").entered();
        info!(
            password = "hunter2",
            voucher = "XMAS",
            "signing\u{202e} in\nagain"
        );
        error!("payment failed");
    });
    assert!(
        !text.contains("hunter2") && !text.contains("XMAS"),
        "{text}"
    );
    assert_eq!(
        trail(&text),
        ["INFO signing⟨U+202E⟩ in again password=••• voucher=•••"],
        "{text}"
    );
}

#[test]
fn an_error_is_in_the_trail_of_the_next_without_its_own() {
    let text = slack_preview(|| {
        let _request = info_span!("request").entered();
        let why = std::io::Error::other("no answer");
        error!(error = &why as &dyn std::error::Error, order = 42, "first");
        error!("{}", "x".repeat(5_000));
        error!("third");
    });
    let third = text.rsplit("third").next().unwrap();
    let lines = trail(third);
    assert_eq!(lines[0], "ERROR first error=no answer order=42", "{text}");
    assert!(lines[1].starts_with("ERROR xxxx"), "{text}");
    assert!(lines[1].ends_with('…') && lines.len() == 2, "{text}");
}

#[test]
fn the_span_of_the_setting_holds_the_trail_where_the_outermost_is_the_programs_own() {
    let mut texts = Requests::preview().unwrap().events(|| {
        let _main = info_span!("main").entered();
        info!("starting up");
        for order in 1..=2 {
            let _request = info_span!("request").entered();
            debug!(order, card = "visa", "charging");
            error!(fingerprint = order, "payment failed");
        }
        error!("outside of a request");
    });
    let _ = &mut texts;
    let texts: Vec<_> = texts
        .iter()
        .map(|message| message.text().to_owned())
        .collect();
    let trails: Vec<_> = texts.iter().map(|text| trail(text)).collect();
    // Of the fields those that `metadata` names.
    assert_eq!(
        trails,
        [
            vec!["DEBUG charging order=1"],
            vec!["DEBUG charging order=2"],
            vec![]
        ],
        "{texts:?}"
    );
}

#[test]
fn a_span_that_only_follows_has_a_trail_of_its_own() {
    let text = slack_preview(|| {
        let request = info_span!("request");
        request.in_scope(|| info!("of the request"));
        let job = info_span!(parent: None, "job");
        job.follows_from(&request);
        let _job = job.entered();
        info!("of the job");
        error!("the job failed");
    });
    assert_eq!(trail(&text), ["INFO of the job"], "{text}");
}

#[test]
fn a_block_without_a_trail_shows_none() {
    let previews = Bare::preview().unwrap().events(|| {
        let _request = info_span!("request").entered();
        info!("charging");
        error!("payment failed");
    });
    assert!(!previews.to_string().contains("charging"), "{previews}");
}

#[test]
fn two_blocks_share_one_ring_and_each_shows_what_it_asks_for() {
    use tracing_subscriber::prelude::*;

    let (shop, shop_guard) = Two::from_figment(("dry_run", true))
        .unwrap()
        .start()
        .unwrap();
    let (all, all_guard) = More::from_figment(("dry_run", true))
        .unwrap()
        .start()
        .unwrap();
    let subscriber = tracing_subscriber::registry().with(shop).with(all);
    tracing::subscriber::with_default(subscriber, || {
        let _request = info_span!("request").entered();
        for step in 1..=4 {
            debug!(step, "looking");
            info!(step, "working");
        }
        assert!(shop_guard.handle().stats().trail_bytes > Some(0));
        error!("payment failed");
    });
    for handle in [
        shop_guard.handle().flush(support::TIMEOUT),
        all_guard.handle().flush(support::TIMEOUT),
    ] {
        handle.unwrap();
    }
    assert_eq!(rendered_trails("two"), ["working step=3", "working step=4"]);
    assert_eq!(
        rendered_trails("more"),
        [
            "looking step=2",
            "working step=2",
            "looking step=3",
            "working step=3",
            "looking step=4",
            "working step=4"
        ]
    );
}

#[test]
fn what_one_block_ignores_is_kept_by_the_other_and_no_line_is_lost() {
    use tracing_subscriber::prelude::*;

    let dry = ("dry_run", true);
    let (even, even_guard) = Even::from_figment(dry).unwrap().start().unwrap();
    let (odd, odd_guard) = Odd::from_figment(dry).unwrap().start().unwrap();
    let subscriber = tracing_subscriber::registry().with(even).with(odd);
    tracing::subscriber::with_default(subscriber, || {
        let _request = info_span!("request").entered();
        for step in 1..=6 {
            info!(step, retry = step % 2, "working");
        }
        error!("payment failed");
    });
    even_guard.handle().flush(support::TIMEOUT).unwrap();
    odd_guard.handle().flush(support::TIMEOUT).unwrap();
    let steps = |of: &[u8]| -> Vec<String> {
        of.iter()
            .map(|step| format!("working step={step} retry={}", step % 2))
            .collect()
    };
    assert_eq!(rendered_trails("even"), steps(&[2, 4, 6]));
    assert_eq!(rendered_trails("odd"), steps(&[1, 3, 5]));
}

/// What blocks made of their trails.
static RENDERED_TRAILS: std::sync::Mutex<Vec<(String, Vec<String>)>> =
    std::sync::Mutex::new(Vec::new());

/// Returns the trail lines that the block of this name has rendered.
fn rendered_trails(block: &str) -> Vec<String> {
    let told = RENDERED_TRAILS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let of_block = told.iter().filter(|(by, _)| by == block);
    of_block.flat_map(|(_, lines)| lines.clone()).collect()
}

fn record_trail(block: &str, notice: &logout::Notice) -> String {
    let lines = notice.trail.iter().map(|line| line.text.clone());
    RENDERED_TRAILS
        .lock()
        .unwrap()
        .push((block.to_owned(), lines.collect()));
    String::new()
}

fn told_by_two(notice: &logout::Notice) -> String {
    record_trail("two", notice)
}

fn told_by_more(notice: &logout::Notice) -> String {
    record_trail("more", notice)
}

logout! {
    struct Two { trail: 2, format: told_by_two, adapters: [Slack] }
}

logout! {
    struct More { trail: { events: 6, level: DEBUG }, format: told_by_more, adapters: [Slack] }
}

logout! {
    struct Chat { utc_log: true, trail: 3, adapters: [Slack] }
}

/// Returns the messages for the events that `work` logs; it is given a function that flushes, which ends a
/// message.
fn messages_of_chat(work: impl FnOnce(&dyn Fn())) -> Vec<String> {
    use tracing_subscriber::prelude::*;

    let sandbox = logout::sandbox::Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    let alerts = Chat::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(alerts);
    let flush = || guard.handle().flush(support::TIMEOUT).unwrap();
    tracing::subscriber::with_default(subscriber, || work(&flush));
    flush();
    let inbox = sandbox.inbox();
    inbox
        .iter()
        .map(|message| message.text().to_owned())
        .collect()
}

#[test]
fn problems_that_are_told_together_have_each_its_own_trail() {
    let told = messages_of_chat(|_| {
        for problem in 0..12 {
            let _request = info_span!("request").entered();
            info!("on the way to {problem}.");
            error!(fingerprint = problem, "failed");
        }
    });
    assert!(told.len() < 12, "{told:#?}");
    let all = told.join("\n");
    for problem in 0..12 {
        let line = format!("INFO on the way to {problem}.");
        assert_eq!(all.matches(&line).count(), 1, "{line}: {told:#?}");
    }
}

#[test]
fn a_reminder_tells_no_trail_that_was_told_before() {
    let told = messages_of_chat(|flush| {
        for attempt in ["first", "second", "third"] {
            let _request = info_span!("request").entered();
            info!("{attempt} attempt");
            error!("payment failed");
            flush();
        }
    });
    let (first, reminders) = told.split_first().unwrap();
    assert_eq!(trail(first), ["INFO first attempt"], "{told:#?}");
    assert!(!reminders.is_empty(), "{told:#?}");
    for reminder in reminders {
        assert!(reminder.contains("payment failed"), "{told:#?}");
        assert!(
            !reminder.contains("attempt") && !reminder.contains("trail"),
            "{told:#?}"
        );
    }
}

#[test]
fn what_trails_take_is_among_the_figures_while_requests_are_in_flight() {
    use tracing_subscriber::prelude::*;

    let (alerts, guard) = Chat::from_figment(("dry_run", true))
        .unwrap()
        .start()
        .unwrap();
    let figure = || {
        let text = guard.handle().stats().openmetrics();
        let figure = text
            .lines()
            .find_map(|line| line.strip_prefix("logout_trail_bytes "));
        figure
            .unwrap_or_else(|| panic!("{text}"))
            .parse::<u64>()
            .unwrap()
    };
    let subscriber = tracing_subscriber::registry().with(alerts);
    tracing::subscriber::with_default(subscriber, || {
        let _request = info_span!("request").entered();
        info!("charging");
        // Other tests have trails meanwhile.
        assert!(figure() > 1_000);
    });
    let (_, bare) = Bare::from_figment(("dry_run", true))
        .unwrap()
        .start::<tracing_subscriber::Registry>()
        .unwrap();
    let text = bare.handle().stats().openmetrics();
    assert!(!text.contains("logout_trail_bytes"), "{text}");
}

#[test]
fn a_panic_brings_what_led_to_it() {
    if !is_alone(a_panic_brings_what_led_to_it) {
        return;
    }
    use tracing_subscriber::prelude::*;

    let (alerts, guard) = Panics::from_figment(("dry_run", true))
        .unwrap()
        .start()
        .unwrap();
    guard.capture_panics();
    let subscriber = tracing_subscriber::registry().with(alerts);
    tracing::subscriber::with_default(subscriber, || {
        let _request = info_span!("request").entered();
        info!("reaching for the shelf");
        let caught = catch_unwind(AssertUnwindSafe(|| panic!("the shelf fell")));
        assert!(caught.is_err());
    });
    guard.handle().flush(support::TIMEOUT).unwrap();
    let told = RENDERED_TRAILS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    // Other tests may panic meanwhile.
    let lines = told
        .iter()
        .find(|(by, lines)| by == "panics" && !lines.is_empty());
    let lines = lines.map(|(_, lines)| lines.clone());
    assert_eq!(lines.unwrap(), ["reaching for the shelf"]);
}

fn told_by_panics(notice: &logout::Notice) -> String {
    record_trail("panics", notice)
}

logout! {
    // A panic's trail has to be read within half of the time that the panic waits.
    struct Panics { trail: 5, format: told_by_panics, adapters: [Slack], panic_timeout: "20s" }
}

fn told_by_even(notice: &logout::Notice) -> String {
    record_trail("even", notice)
}

fn told_by_odd(notice: &logout::Notice) -> String {
    record_trail("odd", notice)
}

logout! {
    struct Even { trail: 8, ignore: [retry: "1"], format: told_by_even, adapters: [Slack] }
}

logout! {
    struct Odd { trail: 8, ignore: [retry: "0"], format: told_by_odd, adapters: [Slack] }
}
