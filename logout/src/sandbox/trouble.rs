//! Faults on demand.

use std::time::Duration;

use hyper::body::Bytes;

use super::Answer;

/// Something that goes wrong with the requests of a destination.
///
/// Most troubles keep the message from arriving; [`delivering`](Self::delivering) makes one of
/// which only the answer suffers. [`times`](Self::times) limits it to the next few requests, else
/// it lasts until [`Sandbox::heal`](super::Sandbox::heal).
///
/// ```
/// use std::time::Duration;
/// use logout::sandbox::{Sandbox, Trouble};
///
/// let sandbox = Sandbox::start()?;
/// // Two requests are told to come back later, the third is lost after it arrived.
/// sandbox.trouble("slack", Trouble::rate_limited(Duration::from_secs(1)).times(2));
/// sandbox.trouble("slack", Trouble::close().delivering().times(1));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub(super) kind: Kind,
    pub(super) delivering: bool,
    pub(super) left: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Answer(Answer),
    RateLimited(Duration),
    Gone,
    Hang,
    Close,
    CutOff,
    Delay(Duration),
    Slow(u32),
    Huge(usize),
    NotJson,
    Truncated,
    Latin1,
}

impl Trouble {
    /// Answers with this status and a proxy's HTML page, as an outage does.
    ///
    /// The answer that a platform itself gives with such a status can be made with
    /// [`answer`](Self::answer).
    ///
    /// For retries: 500, 502 and 503 pass, so the message comes again.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::status(503).times(2));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn status(status: u16) -> Self {
        let page = format!("<html>\r\n<head><title>{status}</title></head>\r\n</html>");
        Self::answer(Answer::html(status, &page))
    }

    /// Answers exactly this.
    ///
    /// ```
    /// use logout::sandbox::{Answer, Trouble};
    ///
    /// let archived = Trouble::answer(Answer::new(410).body("channel_is_archived"));
    /// ```
    #[must_use]
    pub const fn answer(answer: Answer) -> Self {
        Self::of(Kind::Answer(answer))
    }

    /// Answers 429 in the platform's own form and asks to wait that long; platforms that count in
    /// whole seconds round it up.
    ///
    /// For digests, and for whether the whole destination rests and not one message alone.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::rate_limited(std::time::Duration::from_secs(3)).times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn rate_limited(wait: Duration) -> Self {
        Self::of(Kind::RateLimited(wait))
    }

    /// Answers as the platform does when the webhook is deleted or the token revoked.
    ///
    /// For what a program does when a chat is lost: the instance is switched off and the others say so.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::gone());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn gone() -> Self {
        Self::of(Kind::Gone)
    }

    /// Reads the request and never answers; the connection stays open.
    ///
    /// For time-outs, and for whether one destination delays another.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::hang());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn hang() -> Self {
        Self::of(Kind::Hang)
    }

    /// Reads the request and closes the connection without an answer.
    ///
    /// For whatever may have arrived: what is sent again says "possible repeat".
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::close().delivering().times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn close() -> Self {
        Self::of(Kind::Close)
    }

    /// Closes the connection in the middle of the answer's body; the message arrives.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::cut_off().times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn cut_off() -> Self {
        Self::of(Kind::CutOff).delivering()
    }

    /// Answers rightly, but only after this time; the message arrives at once.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::delay(std::time::Duration::from_millis(50)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn delay(delay: Duration) -> Self {
        Self::of(Kind::Delay(delay)).delivering()
    }

    /// Answers rightly, but so many bytes of the body a second; the message arrives at once.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::slow(64));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn slow(bytes_per_second: u32) -> Self {
        Self::of(Kind::Slow(bytes_per_second)).delivering()
    }

    /// Follows the right answer's body with blanks until it has so many bytes; the message
    /// arrives.
    ///
    /// For a transport of your own: it must not keep all of it. The built-in ones read 64 KiB.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::huge(10 << 20));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn huge(bytes: usize) -> Self {
        Self::of(Kind::Huge(bytes)).delivering()
    }

    /// Gives the right status with a body that is no JSON; the message arrives.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::not_json().times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn not_json() -> Self {
        Self::of(Kind::NotJson).delivering()
    }

    /// Gives the right status with the first half of the right body, neatly ended; the message
    /// arrives.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::truncated().times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn truncated() -> Self {
        Self::of(Kind::Truncated).delivering()
    }

    /// Gives the right status with a body in Latin-1, which is no UTF-8; the message arrives.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::latin1().times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn latin1() -> Self {
        Self::of(Kind::Latin1).delivering()
    }

    /// Lets the message arrive although its sender is told otherwise, or nothing.
    ///
    /// Such a message stands in the inbox with
    /// [`answer_lost`](super::Message::answer_lost). A request that the platform would refuse is
    /// not delivered by this either.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::status(502).delivering().times(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn delivering(mut self) -> Self {
        self.delivering = true;
        self
    }

    /// Ends the trouble after so many requests of each destination.
    ///
    /// Without it the trouble lasts until [`heal`](super::Sandbox::heal).
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Slack, Trouble::status(500).times(3));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn times(mut self, requests: u32) -> Self {
        self.left = Some(requests);
        self
    }

    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            delivering: false,
            left: None,
        }
    }

    /// Whether the sender cannot learn from the answer that the message arrived.
    pub(super) const fn hides_the_answer(&self) -> bool {
        matches!(
            self.kind,
            Kind::Answer(_)
                | Kind::RateLimited(_)
                | Kind::Gone
                | Kind::Hang
                | Kind::Close
                | Kind::CutOff
        )
    }

    /// What it does, for a person, and for how many requests more.
    pub(super) fn words(&self) -> String {
        let what = match &self.kind {
            Kind::Answer(answer) => format!("answers {}", answer.status()),
            Kind::RateLimited(wait) => format!("answers 429, wait {wait:?}"),
            Kind::Gone => "webhook is gone".to_owned(),
            Kind::Hang => "never answers".to_owned(),
            Kind::Close => "closes the connection".to_owned(),
            Kind::CutOff => "cuts the answer off".to_owned(),
            Kind::Delay(delay) => format!("answers after {delay:?}"),
            Kind::Slow(rate) => format!("answers at {rate} bytes a second"),
            Kind::Huge(bytes) => format!("answers with {bytes} bytes"),
            Kind::NotJson | Kind::Truncated | Kind::Latin1 => "garbles the answer".to_owned(),
        };
        match self.left {
            Some(left) => format!("{what}, {left} times more"),
            None => what,
        }
    }

    /// The answer's body after the trouble had its way with it.
    pub(super) fn spoil(&self, answer: &Answer) -> Answer {
        let body = answer.shared_body();
        match self.kind {
            Kind::Huge(size) => {
                let mut body = body.to_vec();
                if body.len() < size {
                    body.resize(size, b' ');
                }
                answer.with_body(Bytes::from(body))
            }
            Kind::NotJson => answer.with_body(Bytes::from_static(b"<html>welcome</html>")),
            Kind::Truncated => answer.with_body(body.slice(..body.len() / 2)),
            Kind::Latin1 => answer.with_body(Bytes::from_static(b"{\"message\":\"caf\xe9\"}")),
            _ => answer.clone(),
        }
    }
}
