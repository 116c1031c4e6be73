//! One event in every chat whose level wants it, over each transport.

use logout::sandbox::{Platform, Sandbox};
use logout::{Discord, Slack, Telegram, Zulip, logout};

use crate::support;
use crate::support::{only_message, over_each_transport, run_and_flush};

logout! {
    struct Alerts {
        project_name: "Corner Shop",
        environment: "test",
        adapters: [
            Slack,
            Discord,
            Telegram { level: ERROR },
            Zulip { stream: "alerts", topic: "shop" },
        ],
    }
}

logout! {
    struct Everywhere {
        project_name: "Corner Shop",
        environment: "test",
        adapters: [
            Slack,
            Discord,
            Telegram,
            Zulip { stream: "alerts", topic: "shop" },
            logout::SlackBot,
            logout::Teams,
            logout::GoogleChat,
            logout::PagerDuty,
            logout::Mattermost,
            logout::Ntfy,
            logout::Webhook,
        ],
    }
}

#[test]
fn an_error_arrives_everywhere() {
    for start in over_each_transport() {
        let sandbox = Sandbox::start().unwrap();
        let alerts = Everywhere::from_figment(sandbox.figment()).unwrap();
        let stats = run_and_flush(start(alerts), || {
            tracing::error!(order = 42, "payment failed\nthe card was declined");
        });
        for lane in &stats.lanes {
            let is_it = |platform: &&Platform| platform.instance() == lane.name;
            let platform = *Platform::ALL.iter().find(is_it).unwrap();
            let message = only_message(&sandbox, platform);
            for part in [
                "🔥",
                "payment failed",
                "the card was declined",
                "Corner Shop",
                "test",
                "order",
                "42",
                "chats.rs:",
            ] {
                assert!(
                    message.text().contains(part),
                    "{platform} lacks {part}: {message}"
                );
            }
            assert!(message.mentions().is_empty(), "{message}");
            assert_eq!(support::delivered(&stats, platform.instance()), 1);
        }
        assert!(
            sandbox
                .requests()
                .iter()
                .all(|exchange| exchange.refusal().is_none())
        );
    }
}

#[test]
fn what_broke_is_read_first() {
    for start in over_each_transport() {
        let sandbox = Sandbox::start().unwrap();
        let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
        run_and_flush(start(alerts), || {
            tracing::error!(order = 42, "payment failed");
        });
        let notification = only_message(&sandbox, Platform::Slack);
        let notification = &notification.details().slack().unwrap().notification;
        assert!(
            notification.starts_with("🔥 payment failed"),
            "{notification}"
        );
        let message = only_message(&sandbox, Platform::Discord);
        let content = message
            .details()
            .discord()
            .unwrap()
            .content
            .replace('`', "");
        assert!(content.starts_with("🔥 payment failed"), "{content}");
    }
}

#[test]
fn an_event_below_the_level_is_sent_to_nobody() {
    for start in over_each_transport() {
        let sandbox = Sandbox::start().unwrap();
        let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
        let stats = run_and_flush(start(alerts), || {
            tracing::info!("the shop is open");
            tracing::debug!("a cat walked in");
        });
        assert!(sandbox.requests().is_empty());
        assert!(
            stats.lanes.iter().all(|lane| lane.accepted == 0),
            "what no level wants is in no account: {stats}"
        );
    }
}

#[test]
fn an_instance_with_a_level_of_its_own_hears_less() {
    for start in over_each_transport() {
        let sandbox = Sandbox::start().unwrap();
        let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
        let stats = run_and_flush(start(alerts), || {
            tracing::warn!("the shelf is almost empty");
        });
        assert_eq!(
            only_message(&sandbox, Platform::Slack).destination(),
            "slack"
        );
        assert!(support::inbox_of(&sandbox, "telegram").is_empty());
        assert_eq!(stats.lane("telegram").unwrap().accepted, 0);
    }
}
