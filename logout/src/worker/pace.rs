//! How fast a destination may be written to.
//!
//! Pure arithmetic: the time is an argument.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use crate::order::change;

/// A platform that counts over more than a day would be no chat.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How many requests of one window may leave at once after a rest. A window as wide as Zulip's 200 a
/// minute would else let a storm become a hundred messages in a second.
const BURST: usize = 10;

/// One limit of a destination: so many requests in so much time, under a key that everything
/// sharing the limit has in common.
///
/// ```
/// use std::time::Duration;
///
/// // One message a second per chat, and twenty a minute (Telegram, "Bots FAQ").
/// let chat = "-1001234567890";
/// let windows = [
///     logout::Window::new(1, Duration::from_secs(1), ("telegram chat", chat)),
///     logout::Window::new(20, Duration::from_secs(60), ("telegram chat", chat)),
/// ];
/// assert_ne!(windows[0], windows[1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    requests: usize,
    per: Duration,
    key: u64,
}

impl Window {
    /// At most `requests` (at least 1) in any span of `per`, for all that share `key`.
    ///
    /// `per` is a day at the most, and a twentieth is added to it: a platform counts when a request
    /// arrives. The key is kept as a hash, so it may be a secret such as a webhook's address.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::Window;
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

    /// The same limit, shared with nothing but what has this key too.
    pub(crate) fn apart(self, key: impl Hash) -> Self {
        Self::new(self.requests, self.per, (self.key, key))
    }

    #[cfg(feature = "testing")]
    pub(crate) fn requests(self) -> usize {
        self.requests
    }

    #[cfg(feature = "testing")]
    pub(crate) fn per(self) -> Duration {
        self.per
    }

    /// A platform counts when a request arrives, and what leaves evenly may arrive bunched.
    fn span(self) -> Duration {
        self.per + self.per / 20
    }
}

/// The windows of all destinations, with the requests that count in them.
///
/// There are a few for each instance, so they are searched one by one.
#[derive(Debug, Default)]
pub(crate) struct Paces {
    /// When requests left, oldest first, per window.
    sent: Vec<(Window, VecDeque<Instant>)>,
    /// Until when a destination asked to be left alone, per key.
    paused: Vec<(u64, Instant)>,
}

impl Paces {
    /// When the next request through these windows may leave: now, or later.
    pub(crate) fn next_slot(&self, windows: &[Window], now: Instant) -> Instant {
        windows
            .iter()
            .map(|window| self.slot_in(*window, now))
            .max()
            .unwrap_or(now)
    }

    /// Counts a request that leaves now.
    pub(crate) fn take_slot(&mut self, windows: &[Window], now: Instant) {
        for window in windows {
            change(&mut self.sent, *window, VecDeque::new(), |sent| {
                while sent.front().is_some_and(|at| *at + window.span() <= now) {
                    sent.pop_front();
                }
                sent.push_back(now);
            });
        }
    }

    /// Leaves everything that shares a key with these windows alone until then.
    pub(crate) fn pause(&mut self, windows: &[Window], until: Instant) {
        for window in windows {
            change(&mut self.paused, window.key, until, |paused| {
                *paused = (*paused).max(until);
            });
        }
    }

    /// Forgets a pause, for a destination whose configuration has changed.
    pub(crate) fn resume(&mut self, windows: &[Window]) {
        for window in windows {
            self.paused.retain(|(key, _)| *key != window.key);
        }
    }

    fn slot_in(&self, window: Window, now: Instant) -> Instant {
        let paused = self.paused.iter().find(|(key, _)| *key == window.key);
        let free = paused.map_or(now, |(_, until)| now.max(*until));
        let Some((_, sent)) = self.sent.iter().find(|(known, _)| *known == window) else {
            return free;
        };
        let span = window.span();
        let counted = sent.iter().filter(|at| **at + span > now);
        let used = counted.clone().count();
        let (Some(oldest), Some(last)) = (counted.clone().next(), sent.back()) else {
            return free;
        };
        let full_until = *oldest + span;
        let slot = if used >= window.requests {
            // The oldest so many of them must have left the window.
            counted
                .clone()
                .nth(used - window.requests)
                .map_or(full_until, |at| *at + span)
        } else if window.requests > 1 && used >= window.requests.div_ceil(2).min(BURST) {
            // The second half of a window, or what goes past a burst, is spread over the time it
            // has left, so that a storm becomes an even trickle and not a burst and a silence.
            let left = u32::try_from(window.requests - used + 1).unwrap_or(u32::MAX);
            *last + full_until.saturating_duration_since(*last) / left
        } else {
            now
        };
        slot.max(free)
    }
}

#[cfg(test)]
mod tests;
