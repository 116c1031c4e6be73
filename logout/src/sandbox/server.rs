//! The HTTP server on the sandbox's own thread.

use std::cell::Cell;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use smol::channel::Receiver;
use smol::{Async, LocalExecutor, Task, Timer};
use smol_hyper::rt::FuturesIo;

use super::Answer;
use super::answer_body::{AnswerBody, Closed};
use super::request::RawRequest;
use super::state::{PlannedAnswer, SharedState};
use super::trouble::TroubleKind;

/// The largest request that is read, above what any of the platforms takes.
const LARGEST_REQUEST: usize = 64 << 20;

/// A command to the serving thread.
#[derive(Debug)]
pub(super) enum ServerCommand {
    /// Serves a destination at this listener.
    Open { name: String, listener: TcpListener },
    /// Closes a destination's listener and all its connections.
    Close { name: String, done: SyncSender<()> },
    /// Opens it again, at the same port.
    Reopen { name: String, done: SyncSender<()> },
}

/// The port of a destination.
struct ListeningPort {
    name: String,
    address: SocketAddr,
    /// Serves for as long as it exists.
    open: Option<Task<()>>,
    /// Keeps it from others while it is closed.
    held: Option<TcpListener>,
}

/// Serves until the sender of `commands` is dropped.
pub(super) async fn serve(shared: Arc<SharedState>, commands: Receiver<ServerCommand>) {
    let executor = LocalExecutor::new();
    let connections = Rc::new(Cell::new(0));
    let mut ports: Vec<ListeningPort> = Vec::new();
    let open = |listener: TcpListener| {
        let shared = Arc::clone(&shared);
        let connections = Rc::clone(&connections);
        executor.spawn(async move {
            // Without a listener connections are refused, which its user sees.
            if let Ok(listener) = Async::new(listener) {
                accept_connections(&shared, &listener, &connections).await;
            }
        })
    };
    let handle_commands = async {
        while let Ok(order) = commands.recv().await {
            match order {
                ServerCommand::Open { name, listener } => {
                    let Ok(address) = listener.local_addr() else {
                        continue;
                    };
                    let open = Some(open(listener));
                    ports.push(ListeningPort {
                        name,
                        address,
                        open,
                        held: None,
                    });
                }
                ServerCommand::Close { name, done } => {
                    for port in ports.iter_mut().filter(|port| port.name == name) {
                        if let Some(task) = port.open.take() {
                            task.cancel().await;
                            port.held = hold(port.address);
                        }
                    }
                    // The caller may not wait any more.
                    let _ = done.send(());
                }
                ServerCommand::Reopen { name, done } => {
                    for port in ports.iter_mut().filter(|port| port.name == name) {
                        if port.open.is_none() {
                            port.open = bind(port.address).await.ok().map(&open);
                            port.held = None;
                        }
                    }
                    let _ = done.send(());
                }
            }
        }
    };
    executor.run(handle_commands).await;
}

/// Takes a port that was closed without listening at it: connections are refused, and the system gives it to
/// nobody who asks for any port. [`bind`] may have it all the same.
#[cfg(target_os = "linux")]
fn hold(address: SocketAddr) -> Option<TcpListener> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with, sockopt};

    let (family, kind) = (AddressFamily::INET, SocketType::STREAM);
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC, None).ok()?;
    sockopt::set_socket_reuseaddr(&socket, true).ok()?;
    rustix::net::bind(&socket, &address).ok()?;
    Some(socket.into())
}

/// Leaves a port that was closed to whoever gets it.
#[cfg(not(target_os = "linux"))]
const fn hold(_: SocketAddr) -> Option<TcpListener> {
    None
}

/// Binds a port that was closed a while ago and may still be busy with its last connections.
async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let mut tries = 0;
    loop {
        match TcpListener::bind(address) {
            Err(error) if tries == 500 => return Err(error),
            Err(_) => Timer::after(Duration::from_millis(10)).await,
            Ok(listener) => return Ok(listener),
        };
        tries += 1;
    }
}

/// Serves the connections of a listener; when the future is dropped, they are closed.
async fn accept_connections(
    shared: &Arc<SharedState>,
    listener: &Async<TcpListener>,
    connections: &Cell<u64>,
) {
    let executor = LocalExecutor::new();
    let accept = async {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Out of file descriptors: those that are open will be closed in time.
                Timer::after(Duration::from_millis(20)).await;
                continue;
            };
            // A late piece of a slow answer is not held back for the one before it; where the
            // system cannot promise that, it comes a little later.
            drop(stream.get_ref().set_nodelay(true));
            let shared = Arc::clone(shared);
            let connection = connections.get() + 1;
            connections.set(connection);
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { answer(&shared, request, connection).await }
            });
            let serving = http1::Builder::new()
                .header_read_timeout(None)
                .serve_connection(FuturesIo::new(stream), service);
            // A broken connection is for its client to handle.
            executor.spawn(async move { drop(serving.await) }).detach();
        }
    };
    executor.run(accept).await;
}

async fn answer(
    shared: &SharedState,
    request: Request<Incoming>,
    connection: u64,
) -> Result<Response<AnswerBody>, Closed> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
        return Err(Closed);
    };
    let planned = shared.handle(&RawRequest {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: body.to_bytes(),
        connection,
    });
    let PlannedAnswer {
        answer,
        trouble,
        healed,
    } = planned;
    let body = answer.shared_body();
    let body = match trouble {
        Some(TroubleKind::Hang) => {
            if let Some(healed) = healed {
                // Nothing is ever sent: it ends when the trouble does.
                let _healed = healed.recv().await;
            }
            return Err(Closed);
        }
        Some(TroubleKind::Close) => return Err(Closed),
        Some(TroubleKind::CutOff) => AnswerBody::cut_off(body),
        Some(TroubleKind::Stall) => AnswerBody::stalled(body),
        Some(TroubleKind::Slow(bytes_per_second)) => AnswerBody::slow(body, bytes_per_second),
        Some(TroubleKind::Delay(delay)) => {
            Timer::after(delay).await;
            AnswerBody::whole(body)
        }
        _ => AnswerBody::whole(body),
    };
    response(&answer, body).ok_or(Closed)
}

fn response(answer: &Answer, body: AnswerBody) -> Option<Response<AnswerBody>> {
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers() {
        let name = hyper::header::HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = hyper::header::HeaderValue::from_str(value).ok()?;
        headers.append(name, value);
    }
    let mut response = Response::builder()
        .status(answer.status())
        .body(body)
        .ok()?;
    *response.headers_mut() = headers;
    Some(response)
}
