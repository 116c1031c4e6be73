//! The questions to each platform, and the findings for its answers.

use figment::Figment;
use logout::adapter::Outcome;
use logout::sandbox::{Answer, Platform, Sandbox, Trouble};

use super::{assert_wrong, finding_for, nothing};

#[test]
fn the_questions_of_telegram_tell_each_wrong_setting() {
    let sandbox = Sandbox::start().unwrap();
    let over = |key: &str, value: &str| Figment::from((format!("telegram.{key}"), value));
    let telegram = |over| finding_for(&sandbox, Platform::Telegram, over);

    let finding = telegram(over("bot_token", "123456:ABCDEFGH"));
    let words = [
        "does not accept the bot token",
        "@BotFather",
        "`telegram.bot_token`",
    ];
    assert_wrong(&finding, &words);
    assert!(!finding.text().contains("ABCDEFGH"));

    let finding = telegram(over("chat_id", "-1009999999999"));
    let words = [
        "chat not found",
        "@logout_sandbox_bot was never added",
        "set `telegram.chat_id`",
    ];
    assert_wrong(&finding, &words);

    let finding = telegram(over("url", "http://127.0.0.1:1"));
    assert_wrong(
        &finding,
        &["127.0.0.1 cannot be reached", "refused the connection"],
    );
}

#[test]
fn the_questions_of_telegram_tell_whether_a_chat_has_topics() {
    let sandbox = Sandbox::start().unwrap();
    let telegram = |over| finding_for(&sandbox, Platform::Telegram, over);
    let finding = telegram(Figment::from(("telegram.message_thread_id", 7)));
    assert_wrong(
        &finding,
        &["“Sandbox” has no topics", "`telegram.message_thread_id`"],
    );
    sandbox.add_thread("telegram", 7);
    let finding = telegram(Figment::from(("telegram.message_thread_id", 7)));
    assert_eq!(finding.outcome(), Outcome::Fine, "{finding}");
    assert!(finding.text().ends_with("its topic 7 cannot be checked"));
}

#[test]
fn the_questions_of_telegram_tell_what_became_of_bot_and_chat() {
    let sandbox = Sandbox::start().unwrap();
    let telegram = |over| finding_for(&sandbox, Platform::Telegram, over);
    sandbox.trouble("telegram", Trouble::gone());
    assert_wrong(&telegram(nothing()), &["(Unauthorized)", "revoked"]);
    sandbox.heal("telegram");

    let before = sandbox.figment();
    let after = sandbox.upgrade_chat("telegram").unwrap().to_string();
    let old: i64 = before.extract_inner("telegram.chat_id").unwrap();
    let finding = telegram(Figment::from(("telegram.chat_id", old)));
    assert_wrong(&finding, &["supergroup", &after, "`telegram.chat_id`"]);

    sandbox.remove_bot("telegram");
    assert_wrong(
        &telegram(nothing()),
        &["bot was kicked", "add it to the chat again"],
    );
}

#[test]
fn a_channel_that_anybody_can_see_is_asked_whether_the_bot_is_in_it() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.make_public("telegram", "shop_alerts");
    let named = || Figment::from(("telegram.chat_id", "@shop_alerts"));
    let finding = finding_for(&sandbox, Platform::Telegram, named());
    assert_eq!(finding.outcome(), Outcome::Fine, "{finding}");
    assert_eq!(sandbox.requests().len(), 3);
    sandbox.remove_bot("telegram");
    let finding = finding_for(&sandbox, Platform::Telegram, named());
    assert_wrong(
        &finding,
        &["@logout_sandbox_bot is not in “Sandbox”: add it"],
    );
}

#[test]
fn the_questions_of_zulip_tell_each_mistake() {
    let sandbox = Sandbox::start().unwrap();
    let over = |key: &str, value: &str| Figment::from((format!("zulip.{key}"), value));
    let zulip = |over| finding_for(&sandbox, Platform::Zulip, over);

    for finding in [
        zulip(over("bot_api_key", "abcdefghijklmnopqrstuvwxyzABCDEF")),
        zulip(over("bot_email", "other-bot@sandbox.zulipchat.com")),
        zulip(over("bot_api_key", "short")),
    ] {
        let words = [
            "credentials",
            "API key",
            "set `zulip.bot_email`, `zulip.bot_api_key`",
        ];
        assert_wrong(&finding, &words);
    }
    let finding = zulip(over("stream", "nowhere & else"));
    let words = [
        "zulip-bot cannot see a stream “nowhere & else”",
        "subscribe",
        "set `zulip.stream`",
    ];
    assert_wrong(&finding, &words);
    sandbox.add_stream("nowhere & else");
    let finding = zulip(over("stream", "nowhere & else"));
    assert_eq!(finding.text(), "zulip-bot writes to #nowhere & else");

    sandbox.trouble("zulip", Trouble::gone());
    assert_eq!(zulip(nothing()).outcome(), Outcome::Wrong);
    sandbox.heal("zulip");
    let deactivated =
        r#"{"result":"error","msg":"Account is deactivated","code":"USER_DEACTIVATED"}"#;
    let answer = Answer::new(401).body(deactivated);
    sandbox.trouble("zulip", Trouble::answer(answer).times(1));
    assert_wrong(
        &zulip(nothing()),
        &["the bot is deactivated", "activate it"],
    );
    sandbox.trouble("zulip", Trouble::not_json().times(1));
    assert_wrong(
        &zulip(nothing()),
        &["something other than Zulip", "set `zulip.url`"],
    );
}

#[test]
fn the_question_of_discord_tells_each_mistake() {
    let sandbox = Sandbox::start().unwrap();
    let discord = |over| finding_for(&sandbox, Platform::Discord, over);
    let url: String = sandbox.figment().extract_inner("discord.url").unwrap();

    let finding = discord(Figment::from(("discord.url", format!("{url}x"))));
    let words = [
        "Invalid Webhook Token",
        "copy it again",
        "set `discord.url`",
    ];
    assert_wrong(&finding, &words);
    let deleted = url.replace("/webhooks/1", "/webhooks/2");
    let finding = discord(Figment::from(("discord.url", deleted)));
    assert_wrong(&finding, &["deleted (Unknown Webhook)", "make a new one"]);

    let finding = discord(Figment::from(("discord.thread_id", "77")));
    assert_eq!(finding.outcome(), Outcome::Fine, "{finding}");
    assert!(finding.text().ends_with("its thread 77 cannot be checked"));

    let application = Answer::new(200).body(r#"{"id":"1","type":3,"name":"App"}"#);
    sandbox.trouble("discord", Trouble::answer(application).times(1));
    assert_wrong(&discord(nothing()), &["takes no messages", "incoming"]);
    sandbox.trouble("discord", Trouble::not_json().times(1));
    assert_wrong(&discord(nothing()), &["something other than Discord"]);
}
