//! An adapter of the program's own: Mattermost, in a struct and an `impl`, held to the contract of
//! all adapters below.
//!
//! `cargo run --example custom_adapter` prints its request instead of sending it, by a transport of
//! the program's own; without `.transport(Printer)` it goes to the server.
//! `cargo test --example custom_adapter` shows which claims it keeps.

use std::time::Duration;

use logout::adapter::{Request, Response, SecretUrl, Step, Verdict};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, format_message, get_emoji, logout};
use serde_json::json;
use tracing_subscriber::prelude::*;

#[derive(Default, serde::Deserialize)]
struct Mattermost {
    url: SecretUrl,
    channel: String,
}

impl Adapter for Mattermost {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        // Log text is data: inside a fence nothing is a mention or a link, and nothing ends it.
        let text = format_message(notice).replace("```", "'''");
        // The server would split what is longer than 16,383 characters, through the fence.
        let text: String = text.chars().take(16_000).collect();
        request.post(self.url.expose()).json(&json!({
            "channel": self.channel,
            "username": format!("{} {}", get_emoji(notice.severity), notice.project),
            "text": format!("```text\n{text}\n```"),
        }));
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        // Its own answers are `ok` and errors in JSON; anything else is a proxy's or a sign-in's.
        let error = response.json::<serde_json::Value>().unwrap_or_default();
        let text = |key: &str| error[key].as_str().unwrap_or_default();
        let about = text("id").strip_prefix("web.incoming_webhook.");
        match about.and_then(|about| about.strip_suffix(".app_error")) {
            _ if text("id").is_empty() => match response.text().trim() {
                "ok" if response.is_success() => Verdict::Delivered,
                _ => Verdict::from_stranger(response),
            },
            // Deleted, disabled, or not allowed to post there; under 500 its database failed.
            Some(
                "invalid" | "disabled" | "channel" | "channel_locked" | "permissions" | "user",
            ) if response.status() != 500 => Verdict::Gone(text("message").to_owned()),
            _ => match Verdict::from_status(response) {
                Verdict::Delivered => Verdict::Refused(text("message").to_owned()),
                verdict => verdict,
            },
        }
    }
}

logout! {
    /// The shop's alerts.
    struct Alerts {
        project_name: "Corner Shop",
        adapters: [Mattermost { channel: "ops" }],
    }
}

fn main() -> Result<(), logout::Error> {
    // In a program this is `Alerts::from_env()?` and the variable LOGOUT_MATTERMOST__URL.
    let url = ("mattermost.url", "https://mattermost.example.com/hooks/x1");
    let alerts = Alerts::from_figment(url)?;
    let (alerts, guard) = alerts.transport(Printer).start()?;
    tracing_subscriber::registry().with(alerts).init();

    tracing::error!(order = 42, "payment failed");

    guard.handle().flush(Duration::from_secs(3))?;
    println!("{}", guard.handle().stats());
    Ok(())
}

/// A transport that prints what would be posted.
struct Printer;

impl Transport for Printer {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let body = String::from_utf8_lossy(request.body());
        println!("{} {}\n{body}", request.method(), request.url().as_str());
        let mut answer = Response::new(200);
        answer.set_body("ok");
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::Mattermost;
    use logout::adapter::{Response, Verdict};
    use logout::testing::{Contract, outside_code, values};

    fn answer(status: u16, body: &str) -> Response {
        let mut response = Response::new(status);
        response.set_body(body);
        response
    }

    logout::adapter_contract!(
        Mattermost,
        Contract::new()
            .setting(
                "url",
                "https://mattermost.example.com/hooks/x1y2z3a4b5c6d7e8f9"
            )
            .setting("channel", "ops")
            .text(|request| values(request, "text").concat())
            .most_characters(16_383)
            .inert(|text| !outside_code(text).contains(['@', '<', '[']))
            .answer(answer(200, "ok"), Verdict::Delivered)
            .answer(
                answer(
                    400,
                    r#"{ "id": "web.incoming_webhook.invalid.app_error", "message": "Invalid webhook." }"#
                ),
                Verdict::Gone("Invalid webhook.".to_owned())
            )
            .answer(
                answer(404, "<html><title>404 Not Found</title></html>"),
                Verdict::Away("404 Not Found".to_owned())
            )
    );
}
