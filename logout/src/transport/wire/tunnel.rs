//! A tunnel through a proxy to a TLS server (CONNECT, RFC 9110 section 9.3.6).

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::{Method, StatusCode, Uri};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use smol_hyper::rt::FuturesIo;

use super::cause;
use super::connection::LARGEST_HEAD;
use super::proxy::{Proxy, WANTS_CREDENTIALS};
use super::stream::Socket;
use crate::transport::{Cause, Url};

/// Asks the proxy that `socket` is connected to for a tunnel to the server of `url`.
pub(super) async fn open(socket: Socket, url: &Url, proxy: &Proxy) -> Result<Socket, Cause> {
    let request = ask(url, proxy)?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(LARGEST_HEAD)
        .handshake(FuturesIo::new(socket))
        .await
        .map_err(refused)?;

    let mut answer = pin!(sender.send_request(request));
    let mut asking = pin!(connection.without_shutdown());
    let mut parts = None;
    let answer = poll_fn(|context| {
        if parts.is_none()
            && let Poll::Ready(end) = asking.as_mut().poll(context)
        {
            parts = Some(end);
        }
        answer.as_mut().poll(context)
    })
    .await
    .map_err(refused)?;
    match answer.status() {
        status if status.is_success() => {}
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            return Err(WANTS_CREDENTIALS.into());
        }
        status => return Err(format!("the proxy refused with status {}", status.as_u16()).into()),
    }
    let parts = match parts {
        Some(parts) => parts,
        None => asking.await,
    }
    .map_err(refused)?;
    if parts.read_buf.is_empty() {
        Ok(parts.io.into_inner())
    } else {
        // In TLS the client speaks first, so these bytes are not the server's.
        Err("the proxy sent bytes of its own into the tunnel".into())
    }
}

fn ask(url: &Url, proxy: &Proxy) -> Result<http::Request<Empty<Bytes>>, String> {
    let server = format!("{}:{}", url.host(), url.port());
    let wrong = "the host name cannot stand in a request to the proxy";
    let mut request = http::Request::new(Empty::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = Uri::try_from(server.as_str()).map_err(|_| wrong)?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::try_from(server).map_err(|_| wrong)?);
    if let Some(credentials) = proxy.credentials() {
        headers.insert(PROXY_AUTHORIZATION, credentials.clone());
    }
    Ok(request)
}

fn refused(error: hyper::Error) -> Cause {
    cause::of_hyper(error).prefixed("the proxy did not answer: ")
}
