//! How fast a destination may be written to.
//!
//! Pure arithmetic: the time is an argument.

use std::collections::VecDeque;
use std::time::Instant;

use crate::adapter::Window;

/// How many requests of one window may leave at once after a rest. A window as wide as Zulip's 200 a
/// minute would else let a storm become a hundred messages in a second.
const BURST: usize = 10;

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

/// Changes the value at `key`, which is `unless` the first time.
///
/// A map by hash is another kilobyte and more of code for each type of key.
fn change<K: PartialEq, V>(list: &mut Vec<(K, V)>, key: K, unless: V, change: impl FnOnce(&mut V)) {
    if let Some((_, value)) = list.iter_mut().find(|(known, _)| *known == key) {
        change(value);
        return;
    }
    let mut value = unless;
    change(&mut value);
    list.push((key, value));
}

#[cfg(test)]
mod tests;
