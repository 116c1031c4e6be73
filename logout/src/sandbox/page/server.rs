//! The page's own small server.

use std::convert::Infallible;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;
use smol::channel::Receiver;
use smol::{Async, LocalExecutor, Timer};
use smol_hyper::rt::FuturesIo;

use super::access::{AccessCheck, secret};
use super::page_state::{Cursor, PageState};

const PAGE: &str = include_str!("web/page.html");
const STYLE: &str = concat!(include_str!("web/page.css"), include_str!("web/chats.css"));
/// One script in the end, in which each file may use what the ones before it define.
const SCRIPT: &str = concat!(
    include_str!("web/elements.js"),
    include_str!("web/slack.js"),
    include_str!("web/discord.js"),
    include_str!("web/telegram.js"),
    include_str!("web/zulip.js"),
    include_str!("web/slack_bot.js"),
    include_str!("web/teams.js"),
    include_str!("web/google_chat.js"),
    include_str!("web/pager_duty.js"),
    include_str!("web/mattermost.js"),
    include_str!("web/ntfy.js"),
    include_str!("web/webhook.js"),
    include_str!("web/messages.js"),
    include_str!("web/filter.js"),
    include_str!("web/chats.js"),
    include_str!("web/requests.js"),
    include_str!("web/destinations.js"),
    include_str!("web/counters.js"),
    include_str!("web/page.js"),
);

/// The largest thing the page posts: the numbers of a few thousand messages to delete.
const LARGEST_POST: usize = 64 << 10;
/// How often a waiting request looks for something new, and how long it waits at most.
const POLL_INTERVAL: Duration = Duration::from_millis(80);
const POLLS: usize = 100;

type PageResponse = Response<Full<Bytes>>;

/// Serves until the sender of `closed` is dropped.
pub(super) async fn serve<F, S>(page: PageState<F>, listener: TcpListener, closed: Receiver<()>)
where
    F: Fn() -> S + 'static,
    S: Serialize,
{
    let port = listener.local_addr().map_or(0, |address| address.port());
    // Without a listener connections hang, which their user sees.
    let Ok(listener) = Async::new(listener) else {
        return;
    };
    let executor = LocalExecutor::new();
    let page = Rc::new(page);
    let access = Rc::new(AccessCheck::new(port));
    let sampling = Rc::clone(&page);
    executor
        .spawn(async move { sampling.sample_forever().await })
        .detach();
    let accept = async {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Out of file descriptors: those that are open will be closed in time.
                Timer::after(POLL_INTERVAL).await;
                continue;
            };
            let (page, access) = (Rc::clone(&page), Rc::clone(&access));
            let service = service_fn(move |request| {
                let (page, access) = (Rc::clone(&page), Rc::clone(&access));
                async move { Ok::<_, Infallible>(answer(&page, &access, request).await) }
            });
            let serving = http1::Builder::new()
                .header_read_timeout(None)
                .serve_connection(FuturesIo::new(stream), service);
            // A broken connection is for the browser to handle.
            executor.spawn(async move { drop(serving.await) }).detach();
        }
    };
    let until_closed = async {
        // Nothing is ever sent: it ends by the drop.
        let _closed = closed.recv().await;
    };
    executor.run(smol::future::or(until_closed, accept)).await;
}

async fn answer<F, S>(
    state: &PageState<F>,
    access: &AccessCheck,
    request: Request<Incoming>,
) -> PageResponse
where
    F: Fn() -> S,
    S: Serialize,
{
    let (head, body) = request.into_parts();
    if !access.may_read(&head.headers) {
        return refusal(StatusCode::MISDIRECTED_REQUEST);
    }
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/") => page_html(access),
        (&Method::GET, "/variables") => json(state.variables().to_string()),
        (&Method::GET, "/events") => events(state, head.uri.query().unwrap_or_default()).await,
        (&Method::POST, "/act") if !access.may_write(&head.headers) => {
            refusal(StatusCode::FORBIDDEN)
        }
        (&Method::POST, "/act") => match Limited::new(body, LARGEST_POST).collect().await {
            Ok(body) => refusal(state.perform(&body.to_bytes())),
            Err(_) => refusal(StatusCode::PAYLOAD_TOO_LARGE),
        },
        _ => refusal(StatusCode::NOT_FOUND),
    }
}

/// Returns the page, with a policy under which nothing runs and nothing is loaded but its own
/// script and style, and under which its script cannot make markup out of text either.
fn page_html(access: &AccessCheck) -> PageResponse {
    let nonce = secret();
    let page = PAGE
        .replace("{{style}}", STYLE)
        .replace("{{script}}", SCRIPT)
        .replace("{{nonce}}", &nonce)
        .replace("{{token}}", access.token());
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; \
         connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    );
    reply(StatusCode::OK, "text/html; charset=utf-8", page, &policy)
}

/// Returns what is new since the browser asked last; waits for it a while, unless it asks with
/// `still`.
async fn events<F, S>(page: &PageState<F>, query: &str) -> PageResponse
where
    F: Fn() -> S,
    S: Serialize,
{
    let cursor = Cursor::read(query);
    if !query.contains("still") {
        page.note_watcher();
        for _ in 0..POLLS {
            if page.has_news(&cursor) {
                break;
            }
            Timer::after(POLL_INTERVAL).await;
        }
    }
    json(page.news(&cursor).to_string())
}

fn json(body: String) -> PageResponse {
    reply(
        StatusCode::OK,
        "application/json",
        body,
        "default-src 'none'",
    )
}

fn refusal(status: StatusCode) -> PageResponse {
    let reason = status.canonical_reason().unwrap_or_default();
    reply(
        status,
        "text/plain",
        reason.to_owned(),
        "default-src 'none'",
    )
}

fn reply(
    status: StatusCode,
    content_type: &'static str,
    body: String,
    policy: &str,
) -> PageResponse {
    let response = Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("content-security-policy", policy)
        .header("cache-control", "no-store")
        .header("cross-origin-opener-policy", "same-origin")
        .header("cross-origin-resource-policy", "same-origin")
        .header("referrer-policy", "no-referrer")
        .header("x-content-type-options", "nosniff")
        .body(Full::new(Bytes::from(body)));
    // Every header is made of ASCII above, so the other branch is never taken.
    response.unwrap_or_default()
}
