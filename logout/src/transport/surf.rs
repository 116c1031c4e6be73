//! A transport with surf's API over the wire core.
//!
//! surf is built on trait objects; this is the only file that touches them.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_lite::AsyncReadExt as _;
use http::HeaderMap;
use hyper::body::Bytes;
use surf::http::headers::{HeaderName, HeaderValue};
use surf::http::{Method, StatusCode};
use surf::{Client, Config, HttpClient};

use super::response::LARGEST_BODY;
use super::wire::{Outgoing, Wire, within};
use crate::transport::{Fault, Request, Response, Transport, Url};

/// The longest time that a program's own client may take for a request.
const LONGEST_REQUEST: Duration = Duration::from_secs(60);

/// A transport through a [`surf::Client`]: logout's own over [`Wire`], or the program's.
///
/// None of surf's own transports is used, and no middleware is installed, whatever features of
/// surf the program turns on: its `Logger` would write the webhook's secret into the log.
///
/// It is what [`start`](crate::Builder::start) sends through where the feature `surf` is on. A program
/// makes one where the [`Wire`] below is to be set up, or where it has a client already.
///
/// ```
/// use logout::adapter::{Request, Url};
/// use logout::transport::{Surf, Transport, Wire};
///
/// let surf = Surf::from(Wire::new().without_proxy());
/// let mut request = Request::new();
/// request.post(&Url::parse("http://127.0.0.1:9/hook")?).json(&"it broke");
/// let fault = smol::block_on(surf.send(&request)).unwrap_err(); // nobody listens there
/// assert!(!fault.may_have_arrived());
/// # Ok::<(), logout::adapter::UrlError>(())
/// ```
pub struct Surf {
    client: Client,
    /// The wire that the client sends through, unless it is the program's own.
    wire: Option<Wire>,
}

impl Surf {
    /// Creates a transport over a [`Wire`] of its own.
    ///
    /// Nothing is opened or read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::from(Wire::new())
    }

    /// Sends through the program's own client, with its middleware and default headers.
    ///
    /// A request may take 60 s, and 64 KiB of its answer are read. What that client logs, which
    /// redirects it follows and through which proxy it goes is its own affair. Of its errors only
    /// the kind is told, since their text may hold the address.
    ///
    /// ```
    /// use surf::middleware::{Middleware, Next};
    ///
    /// struct Signature;
    ///
    /// #[surf::utils::async_trait]
    /// impl Middleware for Signature {
    ///     async fn handle(&self, mut request: surf::Request, client: surf::Client, next: Next<'_>)
    ///         -> surf::Result<surf::Response>
    ///     {
    ///         request.insert_header("x-signed-by", "me");
    ///         next.run(request, client).await
    ///     }
    /// }
    ///
    /// # struct Echo;
    /// # #[surf::utils::async_trait]
    /// # impl Middleware for Echo {
    /// #     async fn handle(&self, request: surf::Request, _: surf::Client, _: Next<'_>)
    /// #         -> surf::Result<surf::Response>
    /// #     {
    /// #         let mut answer = surf::http::Response::new(200);
    /// #         answer.set_body(request.header("x-signed-by").unwrap().as_str());
    /// #         Ok(answer.into())
    /// #     }
    /// # }
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::Transport;
    /// let config = surf::Config::new().set_http_client(logout::transport::Wire::new());
    /// let client = surf::Client::try_from(config)?.with(Signature);
    /// # let client = client.with(Echo);
    /// let surf = logout::transport::Surf::with_client(client);
    /// # let mut request = Request::new();
    /// # request.post(&Url::parse("https://chat.example.org/hook")?);
    /// # let answer = smol::block_on(surf.send(&request))?;
    /// // A server that answers with the header that it got:
    /// assert_eq!(answer.text(), "me");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_client(client: Client) -> Self {
        Self { client, wire: None }
    }
}

impl From<Wire> for Surf {
    fn from(wire: Wire) -> Self {
        // Not `Client::with_http_client`: it installs the `Logger` where any crate of the program
        // turns on surf's feature `middleware-logger`.
        match Client::try_from(Config::new().set_http_client(wire.clone())) {
            Ok(client) => Self {
                client,
                wire: Some(wire),
            },
            // The error's type changes with surf's features; it only occurs without a client.
            Err(_) => unreachable!("the configuration holds a client"),
        }
    }
}

impl Default for Surf {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Surf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surf").finish_non_exhaustive()
    }
}

impl Transport for Surf {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let mut outgoing = self.outgoing(request)?;
        let written = WrittenAt::default();
        let inner: &mut surf::http::Request = outgoing.as_mut();
        inner.ext_mut().insert(written.clone());
        let mut exchange = pin!(async {
            let answer = self.client.send(outgoing).await.map_err(fault)?;
            Ok(incoming(answer).await)
        });
        let exchange = poll_fn(|context| {
            let polled = exchange.as_mut().poll(context);
            if let Some(at) = written.0.get() {
                let _first = request.written().set(*at);
            }
            polled
        });
        if self.wire.is_some() {
            // It has time limits of its own, and knows what was sent when one is exceeded.
            return exchange.await;
        }
        let late = |limit| Fault::Unknown(format!("no answer within {limit:?}").into());
        let answer = within(LONGEST_REQUEST, exchange).await;
        answer.unwrap_or_else(|limit| Err(late(limit)))
    }

    fn reload(&self) {
        if let Some(wire) = &self.wire {
            wire.reload();
        }
    }

    fn notes(&self) -> Vec<String> {
        self.wire.as_ref().map_or_else(Vec::new, Wire::notes)
    }
}

impl Surf {
    /// Converts a request into surf's.
    fn outgoing(&self, request: &Request) -> Result<surf::Request, Fault> {
        if let Some(problem) = request.problem() {
            return Err(rejected(problem));
        }
        let url = surf::Url::parse(request.url().as_str())
            .map_err(|_| rejected("surf cannot read the address"))?;
        let method = Method::from_str(request.method())
            .map_err(|_| rejected("surf does not know the method"))?;
        let mut made = surf::Request::new(method, url);
        // `Client::send` leaves out what `Client::post` would add.
        for (name, values) in &self.client.config().headers {
            made.insert_header(name, values);
        }
        let mut beyond_ascii = BeyondAscii::default();
        let (_, headers) = request.head()?;
        for (name, value) in &headers {
            match HeaderValue::from_bytes(value.as_bytes().to_vec()) {
                Ok(value) => {
                    made.insert_header(name.as_str(), value);
                }
                Err(_) if self.wire.is_some() => {
                    beyond_ascii.0.push((name.clone(), value.clone()));
                }
                Err(_) => {
                    return Err(rejected(
                        "a header holds a character outside ASCII, which a surf client does not send",
                    ));
                }
            }
        }
        let inner: &mut surf::http::Request = made.as_mut();
        inner.ext_mut().insert(beyond_ascii);
        if !request.body().is_empty() {
            made.body_bytes(request.body());
        }
        Ok(made)
    }
}

/// The time at which the wire core began to write a request, if it has.
#[derive(Clone, Default)]
struct WrittenAt(Arc<OnceLock<Instant>>);

/// Headers that http-types cannot hold, passed on to the wire core.
#[derive(Default)]
struct BeyondAscii(Vec<(http::HeaderName, http::HeaderValue)>);

fn rejected(why: &str) -> Fault {
    Fault::Rejected(why.into())
}

/// Converts surf's answer, with a bounded body.
async fn incoming(answer: surf::Response) -> Response {
    let mapped = answer.status();
    let status = match answer.ext::<RawStatus>() {
        // Middleware may have changed it since.
        Some(raw) if raw.mapped() == mapped => raw.0,
        _ => mapped.into(),
    };
    let mut response = Response::new(status);
    for (name, values) in answer.iter() {
        for value in values {
            response.append_header(name.as_str(), value.as_str());
        }
    }
    if answer.ext::<Incomplete>().is_some() {
        response.set_incomplete();
    }
    let mut body = Vec::new();
    let mut bounded = answer.take(LARGEST_BODY as u64);
    if bounded.read_to_end(&mut body).await.is_err() {
        response.set_incomplete();
    }
    response.set_body(body);
    response
}

/// Returns the fault of the wire core, or what may be shown of another client's error.
fn fault(error: surf::Error) -> Fault {
    match error.downcast::<Fault>() {
        Ok(fault) => fault,
        Err(error) => Fault::Unknown(match error.downcast_ref::<io::Error>() {
            Some(error) => format!("the surf client failed: {}", error.kind()).into(),
            None => "the surf client failed".into(),
        }),
    }
}

/// A mark of an answer whose body the wire could not read to its end.
struct Incomplete;

/// The status as received, beside the one of http-types' closed list.
struct RawStatus(u16);

impl RawStatus {
    /// Returns the status itself, or the first of its class if http-types does not know it.
    fn mapped(&self) -> StatusCode {
        StatusCode::try_from(self.0).unwrap_or(match self.0 / 100 {
            1 => StatusCode::Continue,
            2 => StatusCode::Ok,
            3 => StatusCode::MultipleChoice,
            4 => StatusCode::BadRequest,
            _ => StatusCode::InternalServerError,
        })
    }
}

#[async_trait]
impl HttpClient for Wire {
    async fn send(
        &self,
        mut request: surf::http::Request,
    ) -> Result<surf::http::Response, surf::Error> {
        let body = request.take_body().into_bytes().await?;
        let refused = |why: &str| surf::Error::new(StatusCode::BadRequest, rejected(why));
        let url = Url::parse(request.url().as_str())
            .map_err(|why| refused(&format!("the address cannot be used: {why}")))?;
        let outgoing = translate(&request, &url, body).map_err(refused)?;
        self.exchange(outgoing)
            .await
            .map(answered)
            .map_err(|fault| surf::Error::new(StatusCode::BadGateway, fault))
    }
}

fn translate<'u>(
    request: &'u surf::http::Request,
    url: &'u Url,
    body: Vec<u8>,
) -> Result<Outgoing<'u>, &'static str> {
    let mut headers = HeaderMap::new();
    for (name, values) in request.iter() {
        for value in values {
            let name = http::HeaderName::from_str(name.as_str());
            let value = http::HeaderValue::from_str(value.as_str());
            match (name, value) {
                (Ok(name), Ok(value)) => headers.append(name, value),
                _ => return Err("a header holds a character that HTTP does not allow"),
            };
        }
    }
    if let Some(beyond_ascii) = request.ext().get::<BeyondAscii>() {
        headers.extend(beyond_ascii.0.iter().cloned());
    }
    Ok(Outgoing {
        url,
        method: http::Method::from_str(request.method().as_ref())
            .map_err(|_| "the method is not an HTTP method")?,
        headers,
        body: Bytes::from(body),
        written: request.ext().get::<WrittenAt>().map(|known| &*known.0),
    })
}

fn answered(response: Response) -> surf::http::Response {
    let raw = RawStatus(response.status());
    let mut answer = surf::http::Response::new(raw.mapped());
    answer.ext_mut().insert(raw);
    if !response.is_complete() {
        answer.ext_mut().insert(Incomplete);
    }
    for (name, value) in response.headers() {
        // http-types knows ASCII only, and panics on anything else that reaches it unchecked.
        let text: String = value
            .chars()
            .map(|c| if c.is_ascii() { c } else { '?' })
            .collect();
        if let (Ok(name), Ok(value)) = (HeaderName::from_str(name), HeaderValue::from_str(&text)) {
            answer.append_header(name, value);
        }
    }
    answer.set_body(response.into_body());
    answer
}

#[cfg(test)]
mod tests {
    use super::{RawStatus, fault};
    use crate::transport::Fault;

    #[test]
    fn every_status_of_the_wire_has_one_of_its_class() {
        for raw in 100..=999 {
            let mapped = u16::from(RawStatus(raw).mapped());
            match raw {
                100..600 => assert_eq!(mapped / 100, raw / 100, "{raw}"),
                _ => assert_eq!(mapped, 500, "{raw}"),
            }
        }
    }

    #[test]
    fn the_text_of_a_foreign_error_is_not_told() {
        let error = surf::Error::from_str(500, "cannot send to https://hooks.example/s3cret");
        assert_eq!(
            fault(error),
            Fault::Unknown("the surf client failed".into())
        );
    }
}
