//! Refusals of each platform, and its limits in its own unit.

use logout::sandbox::{Platform, Sandbox};
use serde_json::{Value, json};

use crate::chats;

mod discord;
mod google_chat;
mod mattermost;
mod ntfy;
mod pager_duty;
mod slack;
mod slack_bot;
mod teams;
mod telegram;
mod webhook;
mod zulip;

fn start() -> Sandbox {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    sandbox
}

/// Posts every body and compares the answer; `""` stands for an accepted one.
fn check(platform: Platform, cases: &[(Value, &str)]) {
    let sandbox = start();
    for (body, said) in cases {
        let arrived = sandbox.inbox().len();
        let mut body = body.clone();
        if platform == Platform::Telegram && body.get("chat_id").is_none() {
            body["chat_id"] = json!(chats::chat_id(&sandbox));
        }
        let answer = chats::post(&sandbox, platform, &body);
        let short: String = body.to_string().chars().take(200).collect();
        assert_eq!(
            answer.status < 300,
            said.is_empty(),
            "{short}: {}",
            answer.text()
        );
        assert!(answer.text().contains(said), "{short}: {}", answer.text());
        let delivered = sandbox.inbox().len() - arrived;
        assert_eq!(delivered, usize::from(said.is_empty()), "{short}");
        let last = sandbox.requests().pop().unwrap();
        assert_eq!(last.refusal().is_none(), said.is_empty(), "{short}");
    }
}
