//! Secrets of the sandbox, which only its figment shows.

use logout::sandbox::{Platform, Sandbox};
use serde_json::json;

use crate::{chats, client};

#[test]
fn nothing_shows_a_secret() {
    let sandbox = Sandbox::start().unwrap();
    let mut secrets: Vec<String> = [
        "telegram.bot_token",
        "zulip.bot_api_key",
        "slack_bot.token",
        "pager_duty.routing_key",
        "ntfy.topic",
        "ntfy.token",
        "webhook.secret",
    ]
    .map(|key| chats::setting(&sandbox, key))
    .into();
    for key in ["slack.url", "discord.url", "mattermost.url", "webhook.url"] {
        let url = chats::setting(&sandbox, key);
        secrets.extend(url.rsplit('/').next().map(str::to_owned));
    }
    for key in ["teams.url", "google_chat.url"] {
        let url = chats::setting(&sandbox, key);
        let values = url
            .split(['?', '&'])
            .filter_map(|pair| pair.split_once('='));
        let secret = values.filter(|(name, _)| ["sig", "key", "token"].contains(name));
        secrets.extend(secret.map(|(_, value)| value.to_owned()));
    }
    secrets.push(chats::login(&sandbox, "zulip").replace("Basic ", ""));
    for platform in Platform::ALL.iter().copied() {
        let body = chats::simplest_message(&sandbox, platform);
        assert!(chats::post(&sandbox, platform, &body).status < 300);
        // Refused ones are shown as well.
        chats::post(&sandbox, platform, &json!({ "priority": 9 }));
        let last = sandbox.requests().pop().unwrap();
        assert!(last.refusal().is_some(), "{platform}");
    }
    let wrong = format!("{}/bot{}x/sendMessage", sandbox.url(), secrets[0]);
    assert_eq!(client::send("POST", &wrong, &[], b"").unwrap().status, 401);

    let mut shown = format!(
        "{sandbox:?}\n{:#?}\n{:#?}\n",
        sandbox.inbox(),
        sandbox.requests()
    );
    for exchange in sandbox.requests() {
        let request = exchange.request();
        shown += &format!("{} {}\n", request.method(), request.path());
        shown += &request
            .headers()
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect::<String>();
        shown += &String::from_utf8_lossy(request.body());
    }
    for message in sandbox.inbox() {
        shown += &message.to_string();
    }
    assert_eq!(sandbox.inbox().len(), Platform::ALL.len());
    for secret in secrets {
        assert!(secret.len() > 20 && !shown.contains(&secret), "{shown}");
    }
}

#[test]
fn every_sandbox_has_secrets_of_its_own() {
    let urls = [(); 2].map(|()| {
        let sandbox = Sandbox::start().unwrap();
        chats::setting(&sandbox, "slack.url")
            .rsplit('/')
            .next()
            .map(str::to_owned)
    });
    assert_ne!(urls[0], urls[1]);
}
