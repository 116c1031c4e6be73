//! Rate limits of destinations.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// The longest period: a platform that counts over more than a day would be no chat.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// One rate limit of a destination: a number of requests in a time, under a key that everything
/// sharing the limit has in common.
///
/// ```
/// use std::time::Duration;
///
/// // One message a second per chat, and twenty a minute (Telegram, "Bots FAQ").
/// let chat = "-1001234567890";
/// let windows = [
///     logout::adapter::Window::new(1, Duration::from_secs(1), ("telegram chat", chat)),
///     logout::adapter::Window::new(20, Duration::from_secs(60), ("telegram chat", chat)),
/// ];
/// assert_ne!(windows[0], windows[1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    pub(crate) requests: usize,
    pub(crate) per: Duration,
    pub(crate) key: u64,
}

impl Window {
    /// Creates a limit of at most `requests` (at least 1) in any span of `per`, for all that share
    /// `key`.
    ///
    /// `per` is a day at most. A twentieth is added to it, because a platform counts when a request
    /// arrives. The key is kept as a hash, so it may be a secret such as a webhook's address.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::adapter::Window;
    ///
    /// let webhook = Window::new(5, Duration::from_secs(2), ("discord", "https://discord.com/api/webhooks/1/x"));
    /// let same = Window::new(5, Duration::from_secs(2), ("discord", "https://discord.com/api/webhooks/1/x"));
    /// assert_eq!(webhook, same); // two instances that share it share what may leave
    /// ```
    #[must_use]
    pub fn new(requests: usize, per: Duration, key: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Self {
            requests: requests.max(1),
            per: per.min(LONGEST),
            key: hasher.finish(),
        }
    }

    /// Returns the same limit, shared only by those that have this key too.
    pub(crate) fn apart(self, key: impl Hash) -> Self {
        Self::new(self.requests, self.per, (self.key, key))
    }

    /// Returns the period with a margin: a platform counts when a request arrives, and evenly
    /// spaced requests may arrive bunched.
    pub(crate) fn span(self) -> Duration {
        self.per + self.per / 20
    }
}
