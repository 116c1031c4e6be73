//! An adapter of the program's own for Rocket.Chat, by an incoming webhook.
//!
//! `cargo run --example rocket_chat` prints the message; with `ROCKETCHAT_WEBHOOK_URL`, `from_env` and
//! without `.transport(Printer)` it goes to the channel. `cargo test --example rocket_chat` shows its
//! contract.

use std::time::Duration;

use logout::adapter::{Mention, Request, Response, SecretUrl, Severity, Step, Verdict, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice};
use logout::{format_message, logout};
use serde_json::{Value, json};
use tracing_subscriber::prelude::*;

/// Where Rocket.Chat cuts a message that a person writes. It does not cut those of webhooks, and a hundred
/// thousand characters have frozen browsers (Rocket.Chat issue 15751).
const LONGEST: usize = 5_000;

#[derive(Default, serde::Deserialize)]
struct RocketChat {
    url: SecretUrl,
    /// Where to post instead of the webhook's own channel: `#name` or `@name`.
    #[serde(default)]
    channel: Option<String>,
    /// Whether everybody in the channel is called from ERROR up.
    #[serde(default)]
    mention_all: bool,
}

impl Adapter for RocketChat {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("ROCKETCHAT_WEBHOOK_URL", "url")];

    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let key = ("rocket chat", self.url.expose().as_str());
        [Window::new(1, Duration::from_secs(1), key)]
    }

    fn mentions_from(&self) -> Option<Severity> {
        self.mention_all.then_some(Severity::Error)
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        // `@all` rings in any text but code, and nothing of the log may end the code.
        let text = format_message(notice).replace("```", "'''");
        let text: String = text.chars().take(LONGEST - 100).collect();
        let is_called = self.mention_all
            && notice.severity >= Severity::Error
            && notice.mention == Mention::Allowed;
        let call = if is_called { "@all\n" } else { "" };
        request.post(self.url.expose()).json(&json!({
            "alias": "logout",
            "channel": self.channel,
            "text": format!("{call}```\n{text}\n```"),
        }));
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        // Errors come under status 200 too, and say so in the body.
        let answer = response.json::<Value>().unwrap_or_default();
        let why = answer["error"].as_str().unwrap_or("error").to_owned();
        match (answer["success"].as_bool(), response.status()) {
            (Some(true), 200..=299) => Verdict::Delivered,
            (Some(false), 429) => Verdict::from_status(response),
            (Some(false), 401 | 403 | 404) => Verdict::Gone(why),
            (Some(false), 500..) => Verdict::Retry(why),
            (Some(false), _) => Verdict::Refused(why),
            _ => Verdict::from_stranger(response),
        }
    }

    fn check(&self) -> Result<(), String> {
        // `/hooks/{id}/{token}`; with one part it is a webhook of Mattermost.
        let path = self.url.expose().path_and_query();
        let behind = path.split_once("/hooks/").map_or("", |(_, behind)| behind);
        match behind.split('/').filter(|part| !part.is_empty()).count() {
            2 => Ok(()),
            _ => Err("`url` does not end with `/hooks/<id>/<token>`".to_owned()),
        }
    }
}

logout! {
    struct Alerts { project_name: "Corner Shop", adapters: [RocketChat { channel: "#ops" }] }
}

fn main() -> Result<(), logout::Error> {
    let url = (
        "rocket_chat.url",
        "https://chat.example.org/hooks/a1b2/c3d4e5",
    );
    let (alerts, guard) = Alerts::from_figment(url)?.transport(Printer).start()?;
    tracing_subscriber::registry().with(alerts).init();
    tracing::error!(
        order = 42,
        "payment failed: @all [refund](https://evil.example)"
    );
    guard.handle().flush(Duration::from_secs(3))
}

struct Printer;

impl Transport for Printer {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        println!("{}", String::from_utf8_lossy(request.body()));
        Ok(Response::new(200).set_body(r#"{"success":true}"#).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Response, RocketChat, Verdict};
    use logout::testing::{Contract, outside_code, values};

    fn answer(status: u16, body: &str) -> Response {
        Response::new(status).set_body(body).clone()
    }

    logout::adapter_contract!(
        RocketChat,
        Contract::new()
            .setting(
                "url",
                "https://chat.example.org/hooks/a1b2c3d4e5f6/g7h8i9j0k1l2"
            )
            .refuses(
                "url",
                "https://chat.example.org/hooks/a1b2c3d4e5f6",
                "`/hooks/<id>/<token>`"
            )
            .text(|request| values(request, "text").concat())
            .most_characters(LONGEST)
            .inert(|text| outside_code(text).trim().is_empty())
            .answer(answer(200, r#"{"success":true}"#), Verdict::Delivered)
            .answer(
                answer(200, r#"{"success":false,"error":"no text"}"#),
                Verdict::Refused("no text".to_owned()),
            )
            .answer(
                answer(
                    404,
                    r#"{"success":false,"error":"Invalid integration id or token"}"#
                ),
                Verdict::Gone(String::new()),
            )
    );
}
