//! The body of an answer as it is sent: whole, slow, cut off or never.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use smol::Timer;
use smol::stream::Stream;

/// How often a slow body sends a piece.
const PIECES_A_SECOND: u32 = 10;

/// After how long what was sent is surely on its way: closing at once would take it back.
const FLUSHED: Duration = Duration::from_millis(20);

/// A body that is sent at once, by and by, not to its end, or not at all.
#[derive(Debug)]
pub(super) struct AnswerBody {
    rest: Bytes,
    flow: Flow,
}

#[derive(Debug)]
enum Flow {
    Whole,
    Slow { timer: Timer, piece: usize },
    CutOff { left: usize, timer: Option<Timer> },
    Stalled,
}

/// The connection is closed instead of an answer, or in the middle of one.
#[derive(Debug)]
pub(super) struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the sandbox closes the connection, as it was told to")
    }
}

impl std::error::Error for Closed {}

impl AnswerBody {
    pub(super) const fn whole(bytes: Bytes) -> Self {
        Self {
            rest: bytes,
            flow: Flow::Whole,
        }
    }

    pub(super) fn slow(bytes: Bytes, bytes_per_second: u32) -> Self {
        let timer = Timer::interval(Duration::from_secs(1) / PIECES_A_SECOND);
        let piece = (bytes_per_second / PIECES_A_SECOND).max(1) as usize;
        Self {
            rest: bytes,
            flow: Flow::Slow { timer, piece },
        }
    }

    pub(super) const fn stalled(bytes: Bytes) -> Self {
        Self {
            rest: bytes,
            flow: Flow::Stalled,
        }
    }

    pub(super) fn cut_off(bytes: Bytes) -> Self {
        let left = bytes.len() / 2;
        Self {
            rest: bytes,
            flow: Flow::CutOff { left, timer: None },
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        let size = match &mut this.flow {
            Flow::Whole => this.rest.len(),
            // The connection notices by itself when the client closes it.
            Flow::Stalled => return Poll::Pending,
            Flow::Slow { timer, piece } => {
                if Pin::new(timer).poll_next(context).is_pending() {
                    return Poll::Pending;
                }
                *piece
            }
            Flow::CutOff { left, timer } => match std::mem::take(left) {
                0 => {
                    // Started only now, so it cannot end before the server sees that it has to
                    // flush what it has.
                    let timer = timer.get_or_insert_with(|| Timer::after(FLUSHED));
                    if Pin::new(timer).poll(context).is_pending() {
                        return Poll::Pending;
                    }
                    return Poll::Ready(Some(Err(Closed)));
                }
                left => left,
            },
        };
        let piece = this.rest.split_to(size.min(this.rest.len()));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
