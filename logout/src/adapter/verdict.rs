//! The meaning of a platform's answer.

use std::time::Duration;

use crate::transport::Response;

/// What an answer means for the message and for its destination.
///
/// A reason is a short sentence for the person who has to mend it, without a secret: the
/// platform's own word for it (`no_service`, `chat not found`) is what they will search for.
///
/// It decides between "again" and "never", so when in doubt say [`Refused`](Self::Refused): that
/// costs one message. [`Gone`](Self::Gone) costs an hour of them, and [`Retry`](Self::Retry) for what
/// never passes delays all that follows.
///
/// ```
/// use logout::adapter::{Response, Verdict};
///
/// let mut busy = Response::new(429);
/// busy.append_header("retry-after", "7");
/// assert_eq!(Verdict::from_status(&busy), Verdict::Wait(std::time::Duration::from_secs(7)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It arrived.
    Delivered,
    /// The destination asks to be left alone for so long, a day at the most; then the same is sent
    /// again, with what has come in since. All instances rest that share its
    /// [pace](crate::Adapter::pace).
    Wait(Duration),
    /// A passing fault: the same is sent again, after a second at first and a minute at the most,
    /// until its events are older than `max_age`.
    Retry(String),
    /// This message is refused for its content; the destination is well. It is sent once more in
    /// the [plain form](crate::adapter::Form::Plain), and then given up.
    Refused(String),
    /// The thread, topic or channel this message was sent to does not exist.
    ///
    /// The adapter cannot know whether the message was routed there by one of its own
    /// [`routes`](crate::Notice::routes) or by the configuration, so whoever sends it tries once more
    /// without its routes; a message that has none is [`Gone`](Self::Gone).
    Unroutable(String),
    /// The destination is gone until somebody mends its configuration: the instance is switched
    /// off, the others and standard error say so, and it is tried again after an hour.
    Gone(String),
    /// The destination was deleted, and asking again is itself an offence: as [`Gone`](Self::Gone),
    /// but tried again only when the instance is [enabled](crate::Handle::enable) or another
    /// destination is configured for it.
    GoneForGood(String),
    /// The destination has moved and the adapter has noted where: the same is sent again at once.
    /// Twice for one message is [`Gone`](Self::Gone).
    Moved(String),
}

impl Verdict {
    /// Returns what the status alone says: 2xx delivered; 429 wait as `Retry-After` says (30 s
    /// without it); 408, 425 and 5xx retry; 401, 403, 404, 410 and 501 gone, and so is 3xx, since
    /// no redirect is followed; everything else refused.
    ///
    /// ```
    /// use logout::adapter::{Response, Verdict};
    ///
    /// assert_eq!(Verdict::from_status(&Response::new(204)), Verdict::Delivered);
    /// assert_eq!(Verdict::from_status(&Response::new(404)), Verdict::Gone("status 404".to_owned()));
    /// ```
    #[must_use]
    pub fn from_status(response: &Response) -> Self {
        let reason = || format!("status {}", response.status());
        match response.status() {
            200..=299 => Self::Delivered,
            429 => Self::Wait(response.retry_after().unwrap_or(Duration::from_secs(30))),
            300..=399 => Self::Gone(format!(
                "status {}, a redirect, which is not followed",
                response.status()
            )),
            401 | 403 | 404 | 410 | 501 => Self::Gone(reason()),
            408 | 425 | 500..=599 => Self::Retry(reason()),
            _ => Self::Refused(reason()),
        }
    }
}
