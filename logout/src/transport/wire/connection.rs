//! One HTTP/1.1 connection: hyper's sender and the future that does its reading and writing.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::Instant;

use http::header::{CONTENT_ENCODING, HeaderMap};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use smol_hyper::rt::FuturesIo;

use super::budget::Budget;
use super::cause;
use super::stream::Stream;
use crate::transport::response::LARGEST_BODY;
use crate::transport::{Fault, Response};

/// The longest header section of an answer, in bytes. The platforms' own stay below 4 KiB.
pub(super) const LARGEST_HEAD: usize = 16 * 1024;

/// A request in the form in which it is written.
pub(super) type HttpRequest = http::Request<Full<Bytes>>;

/// The result of sending it.
type SendResult = Result<http::Response<Incoming>, TrySendError<HttpRequest>>;

/// The reason why there is no answer.
pub(super) enum Failure {
    /// Nothing of the request was written; it is returned.
    Returned(Box<HttpRequest>),
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A connection that is ready for a request.
pub(super) struct HttpConnection {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    /// Whether the last answer was read to its end.
    whole: bool,
}

impl HttpConnection {
    pub(super) async fn over(stream: Stream) -> Result<Self, Fault> {
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(LARGEST_HEAD)
            .handshake(FuturesIo::new(stream))
            .await
            .map_err(|error| Fault::NotSent(cause::of_hyper(error)))?;
        Ok(Self {
            sender,
            driver: Driver(Some(connection)),
            whole: true,
        })
    }

    /// Writes a request and reads the answer; sets `written` when it is written, even if it is
    /// never answered.
    pub(super) async fn converse(
        &mut self,
        message: HttpRequest,
        written: Option<&OnceLock<Instant>>,
        budget: &Budget,
    ) -> Result<Response, Failure> {
        self.whole = false;
        let sending = self.sender.try_send_request(message);
        let sending = note_written(written, self.driver.drive(sending));
        let (head, body) = match budget.run(budget.timeouts.head, sending).await {
            Err(limit) => {
                return Err(Fault::Unknown(format!("no answer within {limit:?}").into()).into());
            }
            Ok(Err(mut refusal)) => {
                return Err(match refusal.take_message() {
                    Some(message) => Failure::Returned(Box::new(message)),
                    None => Fault::Unknown(cause::of_hyper(refusal.into_error())).into(),
                });
            }
            Ok(Ok(answer)) => answer.into_parts(),
        };

        let mut response = Response::new(head.status.as_u16());
        for (name, value) in &head.headers {
            response.append_header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        // The head has already said what became of the request, so an incomplete body is no fault.
        let mut bytes = Vec::new();
        let is_success = head.status.is_success();
        let reading = self.read(body, is_success, &mut bytes, budget);
        let read = budget.run(budget.timeouts.body, reading).await;
        response.set_body(bytes);
        if read != Ok(true) || is_encoded(&head.headers) {
            response.set_incomplete();
        }
        Ok(response)
    }

    /// Reads the body to its end, or to its limit; returns whether that succeeded.
    async fn read(
        &mut self,
        mut body: Incoming,
        is_success: bool,
        bytes: &mut Vec<u8>,
        budget: &Budget,
    ) -> bool {
        loop {
            let next = self.driver.drive(body.frame());
            let next = match is_success {
                true => budget.run(budget.timeouts.silence, next).await,
                false => Ok(next.await),
            };
            let data = match next {
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => data,
                    Err(_trailers) => continue,
                },
                Ok(None) => break,
                Ok(Some(Err(_))) | Err(_) => return false,
            };
            let room = LARGEST_BODY - bytes.len();
            bytes.extend_from_slice(data.get(..room).unwrap_or(&data));
            if data.len() > room {
                return true;
            }
        }
        self.whole = true;
        true
    }

    /// Returns whether another request can be sent on it: the last answer is complete, nothing came
    /// after it, and the server has not closed it.
    ///
    /// Nothing polls an idle connection, so this checks the socket itself: hyper's future ends when
    /// it finds the end of the stream, or unexpected bytes.
    ///
    /// If it is reusable, `context` is woken once something happens on the socket.
    pub(super) fn is_reusable(&mut self, context: &mut Context<'_>) -> bool {
        self.whole && self.driver.is_running(context) && self.sender.is_ready()
    }
}

/// Waits for the answer to a request, and sets `written` unless hyper returns it unwritten. hyper
/// writes it when first polled.
async fn note_written(
    written: Option<&OnceLock<Instant>>,
    sending: impl Future<Output = SendResult>,
) -> SendResult {
    let mut sending = pin!(sending);
    poll_fn(|context| {
        let polled = sending.as_mut().poll(context);
        let is_back = matches!(&polled, Poll::Ready(Err(refusal)) if refusal.message().is_some());
        if let (Some(written), false) = (written, is_back) {
            written.get_or_init(Instant::now);
        }
        polled
    })
    .await
}

/// Returns whether the body is compressed, as a proxy may do unasked.
fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// hyper's connection, which reads and writes only while it is polled; `None` once it has ended.
///
/// It is dropped then: an unwritten request is returned only on that drop.
struct Driver(Option<http1::Connection<FuturesIo<Stream>, Full<Bytes>>>);

impl Driver {
    /// Waits for `step` and polls the connection meanwhile.
    async fn drive<F: Future>(&mut self, step: F) -> F::Output {
        let mut step = pin!(step);
        poll_fn(|context| {
            self.is_running(context);
            step.as_mut().poll(context)
        })
        .await
    }

    /// Polls the connection once and returns whether it goes on.
    fn is_running(&mut self, context: &mut Context<'_>) -> bool {
        if let Some(connection) = &mut self.0
            && Pin::new(connection).poll(context).is_ready()
        {
            // The future of the answer reports how it ended.
            self.0 = None;
        }
        self.0.is_some()
    }
}
