//! A shop that logs, with the sandbox's page about it.

use std::thread;
use std::time::Duration;

use logout::Guard;
use logout::sandbox::{Page, Platform, Sandbox};
use serde_json::json;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::prelude::*;

use super::Alerts;
use crate::chats;

const FLUSH: Duration = Duration::from_secs(20);

/// A program, the chats that it posts to, and the page that shows them.
pub(super) struct Shop<D: logout::Dispatch = Alerts> {
    pub(super) sandbox: Sandbox,
    pub(super) page: Page,
    pub(super) guard: Guard<D>,
    _subscriber: DefaultGuard,
}

impl Shop {
    pub(super) fn open() -> Self {
        let sandbox = Sandbox::start().unwrap();
        let builder = Alerts::from_figment(sandbox.figment()).unwrap();
        Self::of(sandbox, builder)
    }
}

impl<D: logout::Dispatch> Shop<D> {
    pub(super) fn of(sandbox: Sandbox, builder: logout::Builder<D>) -> Self {
        let (alerts, guard) = builder.start().unwrap();
        let subscriber = tracing_subscriber::registry().with(alerts).set_default();
        let handle = guard.handle();
        let page = sandbox.page().stats(move || handle.stats());
        Self {
            page: page.button("storm", "Storm").serve().unwrap(),
            sandbox,
            guard,
            _subscriber: subscriber,
        }
    }

    /// Logs on a thread that is named like a program's first, which no message names.
    pub(super) fn log(&self, events: impl FnOnce() + Send) {
        let subscriber = tracing::dispatcher::get_default(Clone::clone);
        let logging = move || tracing::dispatcher::with_default(&subscriber, events);
        thread::scope(|scope| {
            let main = thread::Builder::new().name("main".to_owned());
            main.spawn_scoped(scope, logging).unwrap();
        });
    }

    pub(super) fn flush(&self) {
        self.guard.handle().flush(FLUSH).unwrap();
    }

    pub(super) fn url(&self, query: &str) -> String {
        format!("{}?{query}", self.page.url())
    }

    /// Posts `text` where each platform reads its own markup, as no adapter does.
    pub(super) fn post_everywhere(&self, text: &str) {
        let head: String = text.chars().take(200).collect();
        let text: String = text.chars().take(4_000).collect();
        let chat_id = chats::chat_id(&self.sandbox);
        let bodies = [
            (
                Platform::Slack,
                json!({ "text": text, "attachments": [{
                "title": text, "text": text, "color": text, "footer": text,
                "fields": [{ "title": text, "value": text }],
                "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": head } }] }] }),
            ),
            (
                Platform::Discord,
                json!({ "content": head, "embeds": [{
                "title": head, "description": head, "footer": { "text": head },
                "fields": [{ "name": head, "value": head, "inline": true }] }] }),
            ),
            (
                Platform::Telegram,
                json!({ "chat_id": chat_id, "text": text, "entities": [
                { "type": "bold", "offset": 0, "length": 4 },
                { "type": "pre", "offset": 1, "length": 3 },
                { "type": "text_link", "offset": 4, "length": 1, "url": "javascript:alert(1)" }] }),
            ),
            (
                Platform::Zulip,
                json!({ "type": "stream", "to": "\"alerts\"", "topic": head,
                "content": text }),
            ),
        ];
        for (platform, body) in bodies {
            let answer = chats::post(&self.sandbox, platform, &body);
            assert!(answer.status < 300, "{platform}: {}", answer.text());
        }
    }
}
