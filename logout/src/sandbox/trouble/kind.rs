//! What a trouble is, and what it does to an answer.

use std::time::Duration;

use hyper::body::Bytes;

use super::super::Answer;
use super::Trouble;

#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Kind {
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
    /// Whether the sender cannot learn from the answer that the message arrived.
    pub(in super::super) const fn hides_the_answer(&self) -> bool {
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
    pub(in super::super) fn words(&self) -> String {
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
    pub(in super::super) fn spoil(&self, answer: &Answer) -> Answer {
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
