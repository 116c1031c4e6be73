//! Messages that arrived in a chat.

use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use hyper::body::Bytes;

use super::readable::ReadableMessage;
use super::summary::Summary;
use super::{Details, Platform, Received};

/// A message that arrived in a chat.
///
/// Cloning is cheap.
///
/// ```
/// use std::time::Duration;
/// use logout::sandbox::{Platform, Sandbox};
///
/// let sandbox = Sandbox::start()?;
/// # use tracing_subscriber::prelude::*;
/// # logout::logout! { struct Alerts { adapters: [Slack] } }
/// # let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))?.start()?;
/// # let subscriber = tracing_subscriber::registry().with(alerts);
/// # tracing::subscriber::with_default(subscriber, || {
/// tracing::error!("payment failed"); // in a program that sends here
/// # });
/// let messages = sandbox.wait_for(1, Duration::from_secs(10));
/// let message = &messages[0];
/// assert_eq!((message.platform(), message.destination()), (Platform::Slack, "slack"));
/// assert!(message.text().starts_with("🔥 payment failed"));
/// assert!(message.mentions().is_empty() && !message.is_truncated());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Message {
    inner: Arc<MessageData>,
}

struct MessageData {
    draft: MessageContent,
    summary: Summary,
    arrived_with: DeliveryRecord,
}

/// The content that a platform takes from a request it accepts.
#[derive(Debug)]
pub(super) struct MessageContent {
    pub(super) readable: ReadableMessage,
    pub(super) details: Details,
    pub(super) files: Vec<File>,
    pub(super) truncated: bool,
}

impl MessageContent {
    /// Returns a whole message without files.
    pub(super) fn new(readable: ReadableMessage, details: Details) -> Self {
        Self {
            readable,
            details,
            files: Vec::new(),
            truncated: false,
        }
    }
}

/// The circumstances of a message's arrival.
#[derive(Debug)]
pub(super) struct DeliveryRecord {
    pub(super) platform: Platform,
    pub(super) destination: String,
    pub(super) arrived: SystemTime,
    pub(super) arrived_at: Instant,
    pub(super) request: Received,
    pub(super) status: Option<u16>,
    pub(super) answer_lost: bool,
}

impl Message {
    pub(super) fn new(draft: MessageContent, arrived_with: DeliveryRecord) -> Self {
        let summary = Summary::read(&draft.readable.text, &draft.details);
        Self {
            inner: Arc::new(MessageData {
                draft,
                summary,
                arrived_with,
            }),
        }
    }

    /// Returns the platform it arrived on.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.inner.arrived_with.platform
    }

    /// Returns the name of the destination: `slack`, `discord`, `telegram`, `zulip`, or the name
    /// given to [`Sandbox::add`](super::Sandbox::add).
    #[must_use]
    pub fn destination(&self) -> &str {
        &self.inner.arrived_with.destination
    }

    /// Returns when it arrived, by the wall clock.
    #[must_use]
    pub fn arrived(&self) -> SystemTime {
        self.inner.arrived_with.arrived
    }

    /// Returns when it arrived, by the monotonic clock: for claims about pace.
    #[must_use]
    pub fn arrived_at(&self) -> Instant {
        self.inner.arrived_with.arrived_at
    }

    /// Returns the whole message in plain text, as a person reads it in the chat: escapes undone,
    /// fences and code marks gone, one line per header, field and footer. Of Slack's mrkdwn the
    /// signs of emphasis stay (`*bold*`).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.inner.draft.readable.text
    }

    /// Returns its summary, if logout wrote it.
    pub(super) fn summary(&self) -> &Summary {
        &self.inner.summary
    }

    /// Returns what the platform's own clients know of it, such as topic, thread and sound.
    #[must_use]
    pub fn details(&self) -> &Details {
        &self.inner.draft.details
    }

    /// Returns the attached files.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.inner.draft.files
    }

    /// Returns the mentions in it that notify someone, each as it is written on that platform:
    /// `<!channel>`, `<@1234>`, `@name`, `@**all**`. A log line must never make one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    /// use tracing_subscriber::prelude::*;
    ///
    /// logout::logout! { struct Alerts { adapters: [Slack] } }
    ///
    /// let sandbox = Sandbox::start()?;
    /// let figment = sandbox.figment_for("slack");
    /// let (alerts, guard) = Alerts::from_figment(figment)?.start()?;
    /// let subscriber = tracing_subscriber::registry().with(alerts);
    /// tracing::subscriber::with_default(subscriber, || tracing::error!("<!channel> @everyone"));
    /// guard.handle().flush(Duration::from_secs(10))?;
    ///
    /// assert!(sandbox.inbox()[0].mentions().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn mentions(&self) -> &[String] {
        &self.inner.draft.readable.mentions
    }

    /// Returns the parts of its text that the platform turns into links: addresses, and in Telegram
    /// also `/commands`, `#tags`, `$SUMS`, hosts and mail addresses without a scheme, and numbers of
    /// cards and telephones.
    #[must_use]
    pub fn links(&self) -> &[String] {
        &self.inner.draft.readable.links
    }

    /// Returns whether the platform cut it, silently, as Slack does above 40,000 characters and
    /// Zulip with a content above 10,000 or a topic above 60 code points.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.inner.draft.truncated
    }

    /// Returns the request that brought it.
    #[must_use]
    pub fn request(&self) -> &Received {
        &self.inner.arrived_with.request
    }

    /// Returns the status its sender was answered, `None` if a [`Trouble`](super::Trouble) kept the
    /// answer back.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.inner.arrived_with.status
    }

    /// Returns whether a [`Trouble`](super::Trouble) kept its sender from learning that it arrived,
    /// so that the same message may come again.
    #[must_use]
    pub fn answer_lost(&self) -> bool {
        self.inner.arrived_with.answer_lost
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("platform", &self.platform())
            .field("destination", &self.destination())
            .field("text", &self.text())
            .field("files", &self.files())
            .field("mentions", &self.mentions())
            .field("status", &self.status())
            .field("answer_lost", &self.answer_lost())
            .finish_non_exhaustive()
    }
}

/// Shows it for a terminal: where it arrived, then its text and files, indented.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.platform())?;
        if self.destination() != self.platform().instance() {
            write!(f, " ({})", self.destination())?;
        }
        if let Some(place) = self.details().place() {
            write!(f, " {place}")?;
        }
        for line in self.text().lines() {
            write!(f, "\n  {line}")?;
        }
        for file in self.files() {
            write!(f, "\n  [{}, {} bytes]", file.name(), file.size())?;
        }
        Ok(())
    }
}

/// A file that came with a message.
///
/// Slack's webhooks take none; the other three do.
///
/// ```
/// use std::time::Duration;
/// use logout::sandbox::Sandbox;
///
/// logout::logout! { struct Alerts { adapters: [Discord { file_from: 10 }] } }
///
/// let sandbox = Sandbox::start()?;
/// # use tracing_subscriber::prelude::*;
/// # let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("discord"))?.start()?;
/// # let subscriber = tracing_subscriber::registry().with(alerts);
/// # tracing::subscriber::with_default(subscriber, || {
/// tracing::error!("payment failed"); // in a program that sends here
/// # });
/// let messages = sandbox.wait_for(1, Duration::from_secs(10));
/// let file = &messages[0].files()[0];
/// assert_eq!(file.name(), "log.txt");
/// assert!(file.text().contains("payment failed") && file.size() < 1_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) content: Bytes,
    pub(super) size: usize,
}

impl File {
    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its media type as the sender gave it, or nothing.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Returns its content, of which the sandbox keeps at most 1 MiB.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Returns its content as text; what is no UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }

    /// Returns how many bytes it had, kept or not.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {} bytes)", self.name, self.size)
    }
}
