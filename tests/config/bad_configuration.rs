//! The error for a wrong configuration, which names every place to correct and shows no value.

use figment::Figment;
use figment::providers::{Format, Toml};
use logout::sandbox::Sandbox;
use logout::{Discord, Slack, Telegram, Zulip, logout};

logout! {
    struct Alerts {
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

/// Returns the error for a right configuration with one key replaced.
fn error_with<V: serde::Serialize>(key: &str, value: V) -> String {
    let sandbox = Sandbox::start().unwrap();
    error_of(sandbox.figment().merge((key, value)))
}

fn error_of(figment: Figment) -> String {
    let error = Alerts::from_figment(figment).unwrap_err();
    assert!(error.is_config());
    let text = error.to_string();
    assert_eq!(format!("{error:?}"), text, "main prints it by Debug");
    text
}

/// Returns the line of `error` about `key`, and fails if there is not exactly one.
fn only_line(error: &str, key: &str) -> String {
    let mut lines = error.lines().filter(|line| line.contains(key));
    let line = lines.next().unwrap_or_default();
    assert!(!line.is_empty() && lines.next().is_none(), "{error}");
    line.to_owned()
}

#[test]
fn everything_that_is_missing_is_listed_at_once() {
    let error = error_of(Figment::new());
    for key in [
        "slack.url",
        "discord.url",
        "telegram.bot_token",
        "telegram.chat_id",
        "zulip.url",
        "zulip.bot_email",
        "zulip.bot_api_key",
    ] {
        assert!(only_line(&error, key).contains("is missing"), "{error}");
    }
}

#[test]
fn an_address_must_be_one() {
    for (key, value) in [
        ("slack.url", "hooks.example/T0/B0/hunter2hunter2"),
        ("slack.url", "https://hooks.example:0/T0/hunter2hunter2"),
        ("slack.url", "https://hooks.example:70000/T0/hunter2hunter2"),
        ("slack.url", "https:///T0/hunter2hunter2"),
        ("slack.url", "ftp://hooks.example/T0/hunter2hunter2"),
        ("zulip.url", "example.zulipchat.com"),
    ] {
        let error = error_with(key, value);
        assert!(only_line(&error, key).contains("is wrong"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn an_address_must_be_secure_unless_it_is_loopback_or_allowed() {
    let plain = "http://hooks.example/T0/hunter2hunter2";
    let text = error_with("slack.url", plain);
    let line = only_line(&text, "slack.url");
    assert!(
        line.contains("https") && line.contains("allow_http"),
        "{line}"
    );
    assert!(!text.contains("hunter2"), "{text}");

    let sandbox = Sandbox::start().unwrap();
    let allowed = sandbox
        .figment()
        .merge(("slack.url", plain))
        .merge(("slack.allow_http", true));
    assert!(Alerts::from_figment(allowed).is_ok());
    assert!(Alerts::from_figment(sandbox.figment()).is_ok(), "loopback");
}

#[test]
fn an_empty_secret_is_no_secret() {
    for key in ["slack.url", "telegram.bot_token", "zulip.bot_api_key"] {
        let error = error_with(key, "");
        assert!(only_line(&error, key).contains("is empty"), "{error}");
    }
}

#[test]
fn a_chat_id_of_twenty_digits_is_none() {
    let error = error_with("telegram.chat_id", "-10012345678901234567");
    let line = only_line(&error, "telegram.chat_id");
    assert!(line.contains("is wrong"), "{line}");
    assert!(!line.contains("345678901"), "{line}");
}

#[test]
fn a_value_of_the_wrong_kind_is_told_by_what_was_expected() {
    let text = error_with("truncate", "much");
    assert!(only_line(&text, "truncate").contains("expected"), "{text}");
    let text = error_with("slack", "https://hooks.example/hunter2hunter2");
    assert!(
        only_line(&text, "slack").contains("expected a table"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_misspelt_key_of_an_instance_is_an_error_that_names_the_right_one() {
    let error = error_with("telegram.bot_tokem", "123456:hunter2hunter2");
    let line = only_line(&error, "bot_tokem");
    assert!(line.contains("did you mean `bot_token`"), "{line}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_malformed_file_is_told_by_its_line() {
    let malformed = "[slack]\nurl = \"https://hooks.example/hunter2hunter2\n";
    let error = error_of(Figment::from(Toml::string(malformed)));
    assert!(error.contains("line 2"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn thresholds_that_do_not_go_together_are_refused() {
    for (key, value) in [("discard_threshold", 0), ("sync_threshold", 501)] {
        let error = error_with(key, value);
        only_line(&error, &format!("{key} is wrong"));
    }
}

#[test]
fn what_is_muted_must_be_fingerprints() {
    for (wrong, why) in [
        ("the noisy one", "six to sixteen hexadecimal digits"),
        ("#3fa9", "four digits, which messages showed before"),
        ("3f", "two digits are too few"),
    ] {
        let error = error_with("mute", vec!["3fa9c1", "#1c0d7b22", wrong]);
        assert!(only_line(&error, "mute").contains(why), "{error}");
    }
}

#[test]
fn reminders_that_do_not_grow_are_refused_for_the_block_and_for_an_instance() {
    for (steps, why) in [
        (&["5m", "1m"][..], "is not longer than the one before"),
        (&["0s", "1m"], "has a step of zero"),
        (
            &["1", "2", "3", "4", "5", "6", "7", "8", "9"],
            "has more than 8 steps",
        ),
        (&[], "is empty; write `off`"),
        (
            &["soon"],
            "expected `off`, or a list such as `1m, 5m, 30m, 2h`",
        ),
    ] {
        for key in ["remind", "telegram.remind"] {
            let error = error_with(key, steps);
            assert!(
                only_line(&error, &format!("{key} is wrong")).contains(why),
                "{error}"
            );
        }
    }
}

#[test]
fn a_call_a_day_is_refused_with_the_most_that_is_allowed_and_why() {
    for key in ["mention_every", "slack.mention_every"] {
        let error = error_with(key, "1d");
        let line = only_line(&error, key);
        assert!(line.contains("`1h`, the maximum"), "{line}");
        assert!(line.contains("misses the second outage"), "{line}");
    }
}

#[test]
fn a_channel_between_whose_levels_nothing_passes_is_refused() {
    let error = error_with("zulip.max_level", "info");
    let line = only_line(&error, "zulip.max_level");
    assert!(
        line.contains("`level` is WARN and `max_level` is INFO"),
        "{line}"
    );
}

#[test]
fn what_adapters_say_is_told_beside_all_else_and_of_wrong_keys_once() {
    let sandbox = Sandbox::start().unwrap();
    let file = r#"
        [slack]
        url = "https://slack.com/api/hunter2hunter2"
        thread_ts = "yesterday"
        [telegram]
        bot_token = "no token"
        mention = "a b"
        [zulip]
        url = "example.zulipchat.com/api/v1/messages"
        topic = "a topic of more characters than the sixty that Zulip takes for one"
    "#;
    let figment = sandbox.figment().merge(Toml::string(file));
    let error = Alerts::from_figment(figment).unwrap_err();
    let told: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| (problem.key().unwrap_or_default(), problem.text()))
        .collect();
    let keys: Vec<_> = told.iter().map(|(key, _)| *key).collect();
    assert_eq!(
        keys,
        [
            "slack.url",
            "slack.thread_ts",
            "telegram.bot_token",
            "telegram.mention",
            "zulip.url",
            "zulip.topic",
        ],
        "{error}"
    );
    for (_, text) in told {
        assert!(text.contains("(TOML source string)"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

/// Checks sentences without a word of the address: it is a secret, and a sentence that repeats it is
/// withheld.
#[test]
fn what_is_wrong_with_an_address_is_told_in_words_that_it_does_not_hold() {
    let sandbox = Sandbox::start().unwrap();
    for (key, url) in [
        ("slack.url", "https://slack.com/api/chat.postMessage"),
        ("slack.url", "https://slack.com/api/conversations.create"),
        ("slack.url", "https://slack.com/api/files.upload"),
        ("slack.url", "https://app.slack.com/client/T0123/C0123"),
        (
            "slack.url",
            "https://hooks.slack.com/triggers/T0/1/abcdef123456",
        ),
        (
            "discord.url",
            "https://discord.com/channels/123456789/123456789",
        ),
        ("discord.url", "https://discord.com/api/webhooks/"),
        (
            "telegram.url",
            "https://api.telegram.org/bot123456:ABCDEF/sendMessage",
        ),
        ("zulip.url", "https://example.zulipchat.com/api/v1/messages"),
    ] {
        let error = Alerts::from_figment(sandbox.figment().merge((key, url))).unwrap_err();
        let [problem] = error.problems() else {
            panic!("{url}: {error}");
        };
        assert_eq!(problem.key(), Some(key), "{url}: {error}");
    }
}
