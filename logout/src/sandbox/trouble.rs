//! Faults on demand.

use std::time::Duration;

use super::Answer;

mod kind;

pub(super) use self::kind::TroubleKind;

/// Something that goes wrong with the requests of a destination.
///
/// With most troubles the message does not arrive; with [`delivering`](Self::delivering) it arrives
/// and only the answer suffers. [`times`](Self::times) limits a trouble to the next few requests;
/// otherwise it lasts until [`Sandbox::heal`](super::Sandbox::heal).
///
/// The examples below meet it with a message that is sent as here:
///
/// ```
/// use std::time::Duration;
/// use logout::sandbox::{Sandbox, Trouble};
/// use logout::adapter::{Request, Url};
/// use logout::transport::{Transport, Wire};
///
/// let sandbox = Sandbox::start()?;
/// let hook: Url = sandbox.figment().extract_inner("slack.url")?;
/// let mut request = Request::new();
/// request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
/// let send = || smol::block_on(Wire::new().send(&request));
///
/// // The first is told to come back later, the second is lost after it arrived.
/// sandbox.trouble("slack", Trouble::rate_limited(Duration::from_secs(1)).times(1));
/// sandbox.trouble("slack", Trouble::close().delivering().times(1));
/// assert_eq!(send()?.status(), 429);
/// assert!(send().is_err());
/// assert_eq!(sandbox.inbox().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub(super) kind: TroubleKind,
    pub(super) delivering: bool,
    pub(super) left: Option<u32>,
}

impl Trouble {
    /// Answers with this status and the HTML page of a proxy, as in an outage.
    ///
    /// The answer that a platform itself gives with such a status can be made with
    /// [`answer`](Self::answer).
    ///
    /// For retries: 500, 502 and 503 pass, so the message comes again.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::status(503).times(1));
    /// assert_eq!(send()?.status(), 503);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn status(status: u16) -> Self {
        let page = format!("<html>\r\n<head><title>{status}</title></head>\r\n</html>");
        Self::answer(Answer::html(status, &page))
    }

    /// Answers exactly this.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// # use logout::sandbox::Answer;
    /// let archived = Answer::new(410).body("channel_is_archived");
    /// sandbox.trouble(Platform::Slack, Trouble::answer(archived));
    /// assert_eq!(send()?.text(), "channel_is_archived");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn answer(answer: Answer) -> Self {
        Self::of(TroubleKind::Answer(answer))
    }

    /// Answers 429 in the platform's own form and asks to wait that long; platforms that count in
    /// whole seconds round it up.
    ///
    /// Use it to test digests, and whether the whole destination pauses and not only one message.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// # use std::time::Duration;
    /// let wait = Duration::from_secs(3);
    /// sandbox.trouble(Platform::Slack, Trouble::rate_limited(wait).times(1));
    /// assert_eq!(send()?.retry_after(), Some(wait));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn rate_limited(wait: Duration) -> Self {
        Self::of(TroubleKind::RateLimited(wait))
    }

    /// Answers as the platform does when the webhook is deleted or the token revoked.
    ///
    /// Use it to test what happens when a chat is gone: the instance is switched off and the others
    /// say so.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::gone());
    /// assert_eq!(send()?.text(), "no_service");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn gone() -> Self {
        Self::of(TroubleKind::Gone)
    }

    /// Reads the request and never answers; the connection stays open until it is
    /// [healed](super::Sandbox::heal).
    ///
    /// For time-outs, and for whether one destination delays another.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// # use std::time::Duration;
    /// # let impatient = Wire::new().with_head_timeout(Duration::from_millis(50));
    /// # let send = || smol::block_on(impatient.send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::hang());
    /// assert!(send().unwrap_err().may_have_arrived());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn hang() -> Self {
        Self::of(TroubleKind::Hang)
    }

    /// Reads the request and closes the connection without an answer.
    ///
    /// Use it to test messages that may have arrived: what is sent again says "possible repeat".
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::close().times(1));
    /// assert!(send().unwrap_err().may_have_arrived());
    /// assert!(sandbox.inbox().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn close() -> Self {
        Self::of(TroubleKind::Close)
    }

    /// Closes the connection in the middle of the answer's body; the message arrives.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::cut_off().times(1));
    /// let answer = send()?;
    /// assert!(answer.is_success() && !answer.is_complete());
    /// assert_eq!(answer.text(), "o"); // of "ok"
    /// assert_eq!(sandbox.inbox().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn cut_off() -> Self {
        Self::of(TroubleKind::CutOff).delivering()
    }

    /// Sends the head of the right answer and nothing of its body, until the client closes the
    /// connection; the message arrives. An answer without a body, such as Discord's, is whole.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # use std::time::Duration;
    /// let impatient = Wire::new().with_body_timeout(Duration::from_millis(50));
    /// sandbox.trouble(Platform::Slack, Trouble::stall().times(1));
    /// let answer = smol::block_on(impatient.send(&request))?;
    /// assert!(answer.is_success() && !answer.is_complete());
    /// assert_eq!(sandbox.inbox().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn stall() -> Self {
        Self::of(TroubleKind::Stall).delivering()
    }

    /// Answers correctly, but only after this time; the message arrives at once.
    ///
    /// For the deadlines of a flush and of the program's end.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// # use std::time::{Duration, Instant};
    /// let (start, delay) = (Instant::now(), Duration::from_millis(50));
    /// sandbox.trouble(Platform::Slack, Trouble::delay(delay));
    /// assert!(send()?.is_success() && start.elapsed() >= delay);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn delay(delay: Duration) -> Self {
        Self::of(TroubleKind::Delay(delay)).delivering()
    }

    /// Answers correctly, but sends only this many bytes of the body per second; the message
    /// arrives at once.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::slow(64));
    /// assert_eq!(send()?.text(), "ok");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn slow(bytes_per_second: u32) -> Self {
        Self::of(TroubleKind::Slow(bytes_per_second)).delivering()
    }

    /// Follows the right answer's body with blanks until it has this many bytes; the message
    /// arrives.
    ///
    /// For a transport of your own: it must not keep all of it. The built-in ones read 64 KiB.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::huge(10 << 20));
    /// assert_eq!(send()?.body().len(), 64 << 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn huge(bytes: usize) -> Self {
        Self::of(TroubleKind::Huge(bytes)).delivering()
    }

    /// Sends the right status with a body that is not JSON; the message arrives.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::not_json().times(1));
    /// let answer = send()?;
    /// assert!(answer.is_success() && answer.text().starts_with("<html>"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn not_json() -> Self {
        Self::of(TroubleKind::NotJson).delivering()
    }

    /// Sends the right status with the first half of the right body, properly ended; the message
    /// arrives.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::truncated().times(1));
    /// assert_eq!(send()?.text(), "o"); // of "ok"
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn truncated() -> Self {
        Self::of(TroubleKind::Truncated).delivering()
    }

    /// Sends the right status with a body in Latin-1, which is not UTF-8; the message arrives.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::latin1().times(1));
    /// assert!(std::str::from_utf8(send()?.body()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn latin1() -> Self {
        Self::of(TroubleKind::Latin1).delivering()
    }

    /// Delivers the message although its sender gets another answer, or none.
    ///
    /// Such a message stands in the inbox with
    /// [`answer_lost`](super::Message::answer_lost). A request that the platform would refuse is
    /// not delivered by this either.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::status(502).delivering().times(1));
    /// assert_eq!(send()?.status(), 502);
    /// assert!(sandbox.inbox()[0].answer_lost());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn delivering(mut self) -> Self {
        self.delivering = true;
        self
    }

    /// Ends the trouble after this many requests of each destination.
    ///
    /// Without it the trouble lasts until [`heal`](super::Sandbox::heal).
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// sandbox.trouble(Platform::Slack, Trouble::status(500).times(2));
    /// assert_eq!([send()?.status(), send()?.status(), send()?.status()], [500, 500, 200]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn times(mut self, requests: u32) -> Self {
        self.left = Some(requests);
        self
    }

    const fn of(kind: TroubleKind) -> Self {
        Self {
            kind,
            delivering: false,
            left: None,
        }
    }
}
