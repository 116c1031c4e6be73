//! The input of a platform's judgement of a request, and its decision.

use std::collections::BTreeSet;
use std::time::{Instant, SystemTime};

use hyper::body::Bytes;

use super::super::destination::Destination;
use super::super::message::MessageContent;
use super::super::rate_limit::{Allowance, Rate, RateExceeded, RateLimiter};
use super::super::request::RawRequest;
use super::super::{Answer, File, Platform};
use super::{KEPT_OF_ONE, kept};

/// The answer to a request that a platform takes, and the message that it brought.
#[derive(Debug)]
pub(in super::super) struct Decision {
    pub(super) answer: Answer,
    /// The message that arrived.
    pub(super) draft: Option<Box<MessageContent>>,
}

impl Decision {
    /// Returns the decision that a message arrived.
    pub(in super::super) fn delivered(answer: Answer, draft: MessageContent) -> Self {
        let draft = Some(Box::new(draft));
        Self { answer, draft }
    }

    /// Returns the decision that a request without a message is answered.
    pub(in super::super) fn served(answer: Answer) -> Self {
        let draft = None;
        Self { answer, draft }
    }
}

/// Refuses by `?`, with the reason in words.
pub(in super::super) type OrRefusal<T> = Result<T, (Answer, String)>;

/// A request, with what the platform knows.
pub(in super::super) struct RequestContext<'a> {
    pub(in super::super) raw: &'a RawRequest,
    pub(super) platform: Platform,
    pub(in super::super) destinations: &'a [Destination],
    /// The destination that the request named, if there is one.
    pub(in super::super) destination: Option<&'a Destination>,
    pub(in super::super) streams: &'a BTreeSet<String>,
    pub(in super::super) uploads: &'a mut Vec<(String, File)>,
    pub(in super::super) remembered: &'a mut BTreeSet<String>,
    pub(in super::super) clock: SystemTime,
    /// The id of the message to be made.
    pub(in super::super) id: u64,
    pub(super) paces: &'a mut RateLimiter,
    pub(super) limited: bool,
    pub(super) now: Instant,
}

impl RequestContext<'_> {
    /// Returns whole seconds of the wall clock.
    pub(in super::super) fn epoch(&self) -> f64 {
        let since = self.clock.duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0.0, |since| since.as_secs_f64())
    }

    /// Takes a slot of the destination's limits, or refuses a request that comes too early.
    pub(in super::super) fn take_slot(&mut self) -> OrRefusal<()> {
        let platform = self.platform;
        self.try_to_take_slot().map_err(|early| {
            let answer = platform.rate_limited(early.wait);
            (answer, "too many requests".to_owned())
        })
    }

    /// Takes a slot of the destination's limits.
    pub(in super::super) fn try_to_take_slot(&mut self) -> Result<(), RateExceeded> {
        self.paces.take_slot(&self.limits(), self.now)
    }

    /// Returns the limits of the destination, unless limits are off.
    fn limits(&self) -> Vec<(String, Rate)> {
        let limited = self.destination.filter(|_| self.limited);
        limited.map_or_else(Vec::new, Destination::limits)
    }

    /// Adds what remains of the first limit to an answer: in headers that two platforms have, and those of
    /// `told`, which gets the moment of the reset too.
    pub(in super::super) fn with_allowance(
        &mut self,
        judged: OrRefusal<Decision>,
        told: impl Fn(Answer, Allowance, f64) -> Answer,
    ) -> OrRefusal<Decision> {
        let limits = self.limits();
        let Some((key, rate)) = limits.first() else {
            return judged;
        };
        let allowance = self.paces.allowance(key, *rate, self.now);
        let reset = self.epoch() + allowance.reset_after.as_secs_f64();
        let told = |answer: Answer| {
            let answer = answer
                .header("X-RateLimit-Limit", allowance.limit.to_string())
                .header("X-RateLimit-Remaining", allowance.remaining.to_string());
            told(answer, allowance, reset)
        };
        match judged {
            Ok(Decision { answer, draft }) => Ok(Decision {
                answer: told(answer),
                draft,
            }),
            Err((answer, why)) => Err((told(answer), why)),
        }
    }

    /// Returns a file as it is kept.
    pub(in super::super) fn file(name: &str, content_type: &str, content: &Bytes) -> File {
        File {
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            content: kept(content, KEPT_OF_ONE),
            size: content.len(),
        }
    }
}
