//! A web service on tokio: every request has a span, so that an alert says which request it was.
//!
//! `cargo run --example axum` with `SLACK_WEBHOOK_URL`. Without an account take the one that
//! `cargo run --example sandbox` prints, or set `LOGOUT_DRY_RUN=1`. Open the address it shows: the
//! alert names the request's id, method and path, and the handler's order. Ctrl-C and SIGTERM let
//! requests finish and then send what waits.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use logout::{Slack, logout};
use tokio::net::TcpListener;
use tokio::signal;
use tracing::Instrument as _;
use tracing_subscriber::prelude::*;

logout! {
    /// The shop's alerts.
    struct Alerts {
        project_name: "Corner Shop",
        adapters: [Slack],
        // Not even in a storm does a thread of tokio wait.
        sync_timeout: "0s",
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    // A handler that panics is told too; tokio keeps it from ending the program.
    guard.capture_panics();

    let service = Router::new()
        .route("/checkout/{order}", get(checkout))
        .layer(middleware::from_fn(in_a_span));
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/checkout/42", listener.local_addr()?);
    axum::serve(listener, service)
        .with_graceful_shutdown(told_to_end())
        .await?;

    guard.shutdown_async().await?;
    Ok(())
}

/// Runs everything that answers a request inside the request's span.
async fn in_a_span(request: Request, next: Next) -> Response {
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    let span = tracing::info_span!(
        "request",
        id = REQUESTS.fetch_add(1, Ordering::Relaxed),
        method = request.method().as_str(),
        path = request.uri().path(),
    );
    next.run(request).instrument(span).await
}

async fn checkout(Path(order): Path<u32>) -> (StatusCode, &'static str) {
    if let Err(error) = charge(order).await {
        tracing::error!(error = &error as &dyn Error, order, "payment failed");
        return (StatusCode::BAD_GATEWAY, "please try again\n");
    }
    (StatusCode::OK, "thank you\n")
}

async fn charge(order: u32) -> std::io::Result<()> {
    tokio::task::yield_now().await;
    match order % 2 {
        0 => Err(std::io::Error::other("gateway answered 402")),
        _ => Ok(()),
    }
}

async fn told_to_end() {
    #[cfg(unix)]
    let terminated = async {
        if let Ok(mut signal) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
            signal.recv().await;
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = signal::ctrl_c() => {}
        () = terminated => {}
    }
}
