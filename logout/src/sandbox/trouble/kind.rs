//! The kinds of trouble, and what each does to an answer.

use std::time::Duration;

use hyper::body::Bytes;

use super::super::{Answer, Platform};
use super::Trouble;

#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum TroubleKind {
    Answer(Answer),
    RateLimited(Duration),
    Gone,
    Hang,
    Close,
    CutOff,
    Stall,
    Delay(Duration),
    Slow(u32),
    Huge(usize),
    NotJson,
    Truncated,
    Latin1,
}

impl Trouble {
    /// Returns whether the sender cannot learn from the answer that the message arrived.
    pub(in super::super) const fn hides_the_answer(&self) -> bool {
        matches!(
            self.kind,
            TroubleKind::Answer(_)
                | TroubleKind::RateLimited(_)
                | TroubleKind::Gone
                | TroubleKind::Hang
                | TroubleKind::Close
                | TroubleKind::CutOff
                | TroubleKind::Stall
        )
    }

    /// Returns a description for a person, with the number of requests that are still to be troubled.
    pub(in super::super) fn description(&self) -> String {
        let what = match &self.kind {
            TroubleKind::Answer(answer) => format!("answers {}", answer.status()),
            TroubleKind::RateLimited(wait) => format!("answers 429, wait {wait:?}"),
            TroubleKind::Gone => "webhook is gone".to_owned(),
            TroubleKind::Hang => "never answers".to_owned(),
            TroubleKind::Close => "closes the connection".to_owned(),
            TroubleKind::CutOff => "cuts the answer off".to_owned(),
            TroubleKind::Stall => "answers with a head alone".to_owned(),
            TroubleKind::Delay(delay) => format!("answers after {delay:?}"),
            TroubleKind::Slow(rate) => format!("answers at {rate} bytes a second"),
            TroubleKind::Huge(bytes) => format!("answers with {bytes} bytes"),
            TroubleKind::NotJson | TroubleKind::Truncated | TroubleKind::Latin1 => {
                "garbles the answer".to_owned()
            }
        };
        match self.left {
            Some(left) => format!("{what}, {left} times more"),
            None => what,
        }
    }

    /// Returns the answer that the trouble gives in place of the right one, if any.
    pub(in super::super) fn substitute_answer(&self, platform: Platform) -> Option<Answer> {
        match &self.kind {
            TroubleKind::Answer(answer) => Some(answer.clone()),
            TroubleKind::RateLimited(wait) => Some(platform.rate_limited(*wait)),
            TroubleKind::Gone => Some(platform.gone()),
            _ => None,
        }
    }

    /// Returns the answer's body as the trouble leaves it.
    pub(in super::super) fn alter(&self, answer: &Answer) -> Answer {
        let body = answer.shared_body();
        match self.kind {
            TroubleKind::Huge(size) => {
                let mut body = body.to_vec();
                if body.len() < size {
                    body.resize(size, b' ');
                }
                answer.with_body(Bytes::from(body))
            }
            TroubleKind::NotJson => answer.with_body(Bytes::from_static(b"<html>welcome</html>")),
            TroubleKind::Truncated => answer.with_body(body.slice(..body.len() / 2)),
            TroubleKind::Latin1 => {
                answer.with_body(Bytes::from_static(b"{\"message\":\"caf\xe9\"}"))
            }
            _ => answer.clone(),
        }
    }
}
