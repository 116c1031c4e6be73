//! An adapter of the program's own for Microsoft Teams: a webhook of Workflows, an Adaptive Card.
//!
//! `cargo run --example teams` prints the card; with `TEAMS_WEBHOOK_URL`, `from_env` and without
//! `.transport(Printer)` it goes to the channel. `cargo test --example teams` shows its contract.

use std::time::Duration;

use logout::adapter::Window;
use logout::adapter::{Request, Response, SecretUrl, Step, Verdict};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice};
use logout::{format_message, logout};
use serde_json::json;
use tracing_subscriber::prelude::*;

#[derive(Default, serde::Deserialize)]
struct Teams {
    url: SecretUrl,
}

impl Adapter for Teams {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("TEAMS_WEBHOOK_URL", "url")];

    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let key = ("teams", self.url.expose().as_str());
        [Window::new(4, Duration::from_secs(1), key)]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        // Teams takes 28 KB in all, and a character may take four bytes.
        let text: String = format_message(notice).chars().take(6_500).collect();
        let (title, rest) = text.split_once('\n').unwrap_or((&text, " "));
        // The text of a `TextBlock` is Markdown, in which a log line could be a link to anywhere.
        let line = |run| json!({ "type": "RichTextBlock", "inlines": [run] });
        request.post(self.url.expose()).json(&json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "type": "AdaptiveCard", "version": "1.4", "msteams": { "width": "Full" },
                    "body": [
                        line(json!({ "type": "TextRun", "text": title, "weight": "Bolder" })),
                        line(json!({ "type": "TextRun", "text": rest, "fontType": "Monospace" })),
                    ],
                },
            }],
        }));
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        // Some errors come under status 200 and say what the status should have been.
        let said = response.text();
        let inner = said.split_once("returned HTTP error ");
        let inner = inner.and_then(|(_, why)| why.get(..3)?.parse().ok());
        Verdict::from_status(&inner.map_or_else(|| response.clone(), Response::new))
    }
}

logout! {
    struct Alerts { project_name: "Corner Shop", adapters: [Teams] }
}

fn main() -> Result<(), logout::Error> {
    let url = ("teams.url", "https://example.logic.azure.com/workflows/0a");
    let (alerts, guard) = Alerts::from_figment(url)?.transport(Printer).start()?;
    tracing_subscriber::registry().with(alerts).init();
    tracing::error!(order = 42, "payment failed: [refund](https://evil.example)");
    guard.handle().flush(Duration::from_secs(3))
}

struct Printer;

impl Transport for Printer {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        println!("{}", String::from_utf8_lossy(request.body()));
        Ok(Response::new(202))
    }
}

#[cfg(test)]
mod tests {
    use super::{Response, Teams, Verdict};
    use logout::testing::Contract;

    logout::adapter_contract!(
        Teams,
        Contract::new()
            .setting("url", "https://example.com/workflows/0a1b2c3d4e")
            .most_bytes(28 * 1024)
            // A block whose text is Markdown.
            .never(&["\nTextBlock"])
            .answer(Response::new(202), Verdict::Delivered)
            .answer(
                Response::new(200)
                    .set_body("returned HTTP error 413 with x")
                    .clone(),
                Verdict::Refused("status 413".to_owned()),
            )
    );
}
