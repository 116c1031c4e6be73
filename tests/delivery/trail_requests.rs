//! Two hundred requests at once, on several threads, each with a trail of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use logout::{Notice, Slack, logout};
use tracing::{Instrument as _, error, info, info_span};

const REQUESTS: usize = 200;

logout! {
    struct Alerts {
        trail: 20,
        format: record,
        adapters: [Slack],
    }
}

/// What each message told: its first line and its trail.
static TOLD: Mutex<Vec<(String, Vec<String>)>> = Mutex::new(Vec::new());

fn record(notice: &Notice) -> String {
    let lines = notice.trail.iter().map(|line| line.text.clone());
    let told = (notice.headline.clone(), lines.collect());
    TOLD.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(told);
    String::new()
}

#[test]
fn no_line_of_a_request_is_in_the_trail_of_another() {
    let previews = Alerts::preview().unwrap().events(|| {
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .on_thread_start(move || {
                // For as long as the thread is there.
                std::mem::forget(tracing::dispatcher::set_default(&dispatch));
            })
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(runtime.spawn(serve())).unwrap();
    });
    drop(previews);
    let told = TOLD.lock().unwrap();
    let mut seen = vec![0; REQUESTS];
    for (headline, lines) in &*told {
        let number: usize = headline.rsplit(' ').next().unwrap().parse().unwrap();
        let expected = [
            format!("begins number={number}"),
            format!("of a task number={number}"),
            format!("charging number={number}"),
        ];
        let mut expected = expected.to_vec();
        let mut lines = lines.clone();
        assert_eq!(lines.len(), 3, "{headline}: {lines:?}");
        assert_eq!(lines[0], expected[0]);
        lines.sort();
        expected.sort();
        assert_eq!(lines, expected, "{headline}");
        seen[number] += 1;
    }
    assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
}

async fn serve() {
    let service = Router::new()
        .route("/{number}", get(handle))
        .layer(middleware::from_fn(in_a_span));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, service).await });
    let requests = (0..REQUESTS).map(|number| {
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            let head = format!("GET /{number} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
    server.abort();
}

async fn in_a_span(request: Request, next: Next) -> Response {
    let span = info_span!("request", path = request.uri().path());
    next.run(request).instrument(span).await
}

async fn handle(Path(number): Path<usize>) {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    info!(number, "begins");
    STARTED.fetch_add(1, Ordering::SeqCst);
    while STARTED.load(Ordering::SeqCst) < REQUESTS {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let task = async move { info!(number, "of a task") };
    let task = tokio::spawn(task.in_current_span());
    info!(number, "charging");
    task.await.unwrap();
    error!(fingerprint = number, "payment failed {number}");
}
