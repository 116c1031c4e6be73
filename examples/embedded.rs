//! A pump on a small device: one thread, no executor but `block_on`, alerts in Telegram.
//!
//! With the feature `hyper` the device speaks HTTPS itself. Without it there is no HTTP client and
//! no TLS in the binary: the request goes, as HTTP/1.1 in the form that proxies take, to a Unix
//! socket behind which a gateway has the network; the same bytes would go down a serial line.
//!
//! Set `TELEGRAM_BOT_TOKEN` and `TELEGRAM_CHAT_ID`. `logout/docs/embedded.md` says how to build it small.

use logout::{Telegram, logout};
#[cfg(panic = "abort")]
use no_backtrace as _;
use tracing_subscriber::prelude::*;

logout! {
    /// The pump station's alerts.
    pub struct Alerts {
        project_name: "Pump Station 7",
        level: WARN,
        memory_limit: "512 KiB", // plenty for a device that logs a line now and then
        adapters: [Telegram],
    }
}

fn main() -> Result<(), logout::Error> {
    let alerts = Alerts::from_env()?;
    #[cfg(not(feature = "hyper"))]
    let alerts = alerts.transport(gateway::Gateway::from_env());
    let (layer, guard, worker) = alerts.start_on();
    tracing_subscriber::registry().with(layer).init();
    guard.capture_panics();

    let program = async {
        watch_the_pump();
        guard.shutdown_async().await
    };
    let ((), sent) = async_io::block_on(futures_lite::future::zip(worker, program));
    sent
}

fn watch_the_pump() {
    for (minute, bar) in [4.1, 4.0, 2.2, 0.3].into_iter().enumerate() {
        tracing::info!(minute, bar, "pressure read"); // below WARN: nobody is told
        if bar < 1.0 {
            tracing::error!(minute, bar, "the pump has lost its pressure");
        } else if bar < 3.0 {
            tracing::warn!(minute, bar, "the pressure is falling");
        }
    }
}

/// The connection of a device that has no network of its own.
#[cfg(not(feature = "hyper"))]
mod gateway {
    use std::io;
    use std::os::unix::net::UnixStream;
    use std::path::PathBuf;
    use std::time::Duration;

    use async_io::{Async, Timer};
    use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _, future};
    use logout::adapter::{Request, Response};
    use logout::transport::{Fault, Transport};

    /// More than this is no answer of a chat.
    const LONGEST_ANSWER: u64 = 64 * 1024;

    const TIMEOUT: Duration = Duration::from_secs(30);

    /// A transport that hands each request to a socket of its own.
    pub(crate) struct Gateway {
        socket: PathBuf,
    }

    impl Gateway {
        pub(crate) fn from_env() -> Self {
            let socket = std::env::var_os("GATEWAY_SOCKET");
            Self {
                socket: socket.map_or_else(|| "/run/gateway.sock".into(), PathBuf::from),
            }
        }
    }

    impl Transport for Gateway {
        async fn send(&self, request: &Request) -> Result<Response, Fault> {
            let mut line = Async::<UnixStream>::connect(&self.socket)
                .await
                .map_err(|why| {
                    Fault::NotSent(format!("the gateway cannot be reached: {why}").into())
                })?;
            let late = async {
                Timer::after(TIMEOUT).await;
                Err(io::ErrorKind::TimedOut.into())
            };
            let answer = future::or(exchange(&mut line, request), late).await;
            answer
                .map_err(|why| Fault::Unknown(format!("the gateway did not answer: {why}").into()))
                .and_then(|answer| {
                    parse(&answer)
                        .ok_or_else(|| Fault::Unknown("the gateway's answer is not HTTP".into()))
                })
        }
    }

    async fn exchange(line: &mut Async<UnixStream>, request: &Request) -> io::Result<Vec<u8>> {
        line.write_all(&head(request)).await?;
        line.write_all(request.body()).await?;
        line.flush().await?;
        let mut answer = Vec::new();
        line.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
        Ok(answer)
    }

    fn head(request: &Request) -> Vec<u8> {
        let url = request.url();
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {}:{}\r\nconnection: close\r\ncontent-length: {}\r\n",
            request.method(),
            url.as_str(),
            url.host(),
            url.port(),
            request.body().len(),
        )
        .into_bytes();
        for (name, value) in request.headers() {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    fn parse(answer: &[u8]) -> Option<Response> {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let (head, body) = answer.split_at_checked(end + 4)?;
        let mut lines = std::str::from_utf8(head).ok()?.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let mut response = Response::new(status);
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            response.append_header(name, value);
        }
        response.set_body(body);
        Some(response)
    }
}
