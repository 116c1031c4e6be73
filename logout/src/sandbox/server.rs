//! The thread that serves.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
use super::body::{Closed, Outgoing};
use super::call::Call;
use super::trouble::Kind;
use super::world::{Course, World};

/// The largest request that is read, above what any of the platforms takes.
const LARGEST_REQUEST: usize = 64 << 20;

/// What the serving thread is told to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Serves a destination at this listener.
    Open { name: String, listener: TcpListener },
    /// Closes a destination's listener and all its connections.
    Shut { name: String, done: SyncSender<()> },
    /// Opens it again, at the same port.
    Reopen { name: String, done: SyncSender<()> },
}

/// The port of a destination.
struct Door {
    name: String,
    address: SocketAddr,
    /// Serves for as long as it exists.
    open: Option<Task<()>>,
}

/// Serves until the sender of `orders` is dropped.
pub(super) async fn serve(world: Arc<World>, orders: Receiver<Order>) {
    let executor = LocalExecutor::new();
    let connections = Arc::new(AtomicU64::new(0));
    let mut doors: Vec<Door> = Vec::new();
    let open = |listener: TcpListener| {
        let world = Arc::clone(&world);
        let connections = Arc::clone(&connections);
        executor.spawn(async move {
            // A listener that cannot be served is refused connections at, and shows itself so.
            if let Ok(listener) = Async::new(listener) {
                welcome(&world, &listener, &connections).await;
            }
        })
    };
    let obey = async {
        while let Ok(order) = orders.recv().await {
            match order {
                Order::Open { name, listener } => {
                    let Ok(address) = listener.local_addr() else {
                        continue;
                    };
                    let open = Some(open(listener));
                    doors.push(Door {
                        name,
                        address,
                        open,
                    });
                }
                Order::Shut { name, done } => {
                    for door in doors.iter_mut().filter(|door| door.name == name) {
                        if let Some(task) = door.open.take() {
                            task.cancel().await;
                        }
                    }
                    // The one who asked may have given up waiting.
                    let _ = done.send(());
                }
                Order::Reopen { name, done } => {
                    for door in doors.iter_mut().filter(|door| door.name == name) {
                        if door.open.is_none() {
                            door.open = bind(door.address).await.ok().map(&open);
                        }
                    }
                    let _ = done.send(());
                }
            }
        }
    };
    executor.run(obey).await;
}

/// Takes a port that was given up a while ago and may still be busy with its last connections.
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
async fn welcome(world: &Arc<World>, listener: &Async<TcpListener>, connections: &AtomicU64) {
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
            let world = Arc::clone(world);
            let connection = connections.fetch_add(1, Ordering::Relaxed) + 1;
            let service = service_fn(move |request| {
                let world = Arc::clone(&world);
                async move { answer(&world, request, connection).await }
            });
            let serving = http1::Builder::new()
                .header_read_timeout(None)
                .serve_connection(FuturesIo::new(stream), service);
            // A connection that breaks is its client's affair.
            executor.spawn(async move { drop(serving.await) }).detach();
        }
    };
    executor.run(accept).await;
}

async fn answer(
    world: &World,
    request: Request<Incoming>,
    connection: u64,
) -> Result<Response<Outgoing>, Closed> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
        return Err(Closed);
    };
    let course = world.meet(&Call {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: body.to_bytes(),
        connection,
    });
    let Course { answer, manner } = course;
    let body = answer.shared_body();
    let body = match manner {
        Some(Kind::Hang) => smol::future::pending::<Outgoing>().await,
        Some(Kind::Close) => return Err(Closed),
        Some(Kind::CutOff) => Outgoing::cut_off(body),
        Some(Kind::Slow(bytes_per_second)) => Outgoing::slow(body, bytes_per_second),
        Some(Kind::Delay(delay)) => {
            Timer::after(delay).await;
            Outgoing::whole(body)
        }
        _ => Outgoing::whole(body),
    };
    response(&answer, body).ok_or(Closed)
}

fn response(answer: &Answer, body: Outgoing) -> Option<Response<Outgoing>> {
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
