//! An adapter from outside the library, and a transport that needs no network.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use logout::adapter::{Request, Response, SecretUrl, Step, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, format_message};
use serde::Deserialize;

/// An adapter that posts plain text to a webhook, with a generous pace.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Hook {
    url: SecretUrl,
    #[serde(default)]
    pub(crate) channel: String,
}

impl Adapter for Hook {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(
            1_000,
            Duration::from_secs(1),
            self.url.expose().as_str(),
        )]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        let text = format!("{}{}", self.channel, format_message(notice));
        request.post(self.url.expose());
        request.bytes("text/plain; charset=utf-8", text.as_bytes());
    }
}

/// A transport that keeps every request's host and body, and answers each with the same status.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    status: u16,
    sent: Arc<Mutex<Vec<(String, String)>>>,
}

impl Recorder {
    pub(crate) fn answering(status: u16) -> Self {
        Self {
            status,
            sent: Arc::default(),
        }
    }

    /// Returns the bodies that were sent to `host`, in order.
    pub(crate) fn sent_to(&self, host: &str) -> Vec<String> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = sent.iter().filter(|(to, _)| to == host);
        sent.map(|(_, body)| body.clone()).collect()
    }
}

impl Transport for Recorder {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let body = String::from_utf8_lossy(request.body()).into_owned();
        self.sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((request.url().host().to_owned(), body));
        let mut answer = Response::new(self.status);
        // As Slack answers, of which an empty body would be no delivery.
        if answer.is_success() {
            answer.set_body("ok");
        }
        Ok(answer)
    }
}
