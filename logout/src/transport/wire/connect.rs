//! Connecting: from an address to a stream that can carry HTTP.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;

use super::budget::Budget;
use super::cause;
use super::proxy::Proxy;
use super::race;
use super::stream::{Socket, Stream, StreamKind};
use super::thread::on_thread;
use super::tls::Tls;
use super::tunnel;
use crate::transport::{Cause, Fault, Url};

/// Opens a stream to the server of `url`; if this fails, nothing of the request was sent.
///
/// Boxed in a function that is not inlined: a handshake would take tens of kilobytes in the future
/// of every request, several times as much in an unoptimised build, and few requests need one.
#[inline(never)]
pub(super) fn open<'a>(
    url: &'a Url,
    proxy: Option<&'a Proxy>,
    tls: &'a Tls,
    budget: &'a Budget,
) -> Pin<Box<impl Future<Output = Result<Stream, Fault>> + use<'a>>> {
    Box::pin(async move { reach(url, proxy, tls, budget).await.map_err(Fault::NotSent) })
}

async fn reach(
    url: &Url,
    proxy: Option<&Proxy>,
    tls: &Tls,
    budget: &Budget,
) -> Result<Stream, Cause> {
    let socket = match proxy {
        None => dial(url, budget).await?,
        Some(proxy) => {
            let socket = dial(proxy.address(), budget)
                .await
                .map_err(|why| why.prefixed("the proxy cannot be reached: "))?;
            if !url.is_secure() {
                return Ok(Stream::over(StreamKind::Plain(socket)));
            }
            budget
                .connect(tunnel::open(socket, url, proxy))
                .await
                .map_err(|limit| format!("the proxy did not answer within {limit:?}"))??
        }
    };
    if !url.is_secure() {
        return Ok(Stream::over(StreamKind::Plain(socket)));
    }
    // Without the limit of a step: reading that is abandoned starts again the next time, and on a
    // slow disk would never finish.
    let whole = budget.timeouts.whole;
    let connector = budget.run(whole, tls.connector()).await.map_err(|limit| {
        format!("reading the system's certificates took longer than {limit:?}")
    })??;
    budget
        .connect(connector.connect(without_brackets(url.host()), socket))
        .await
        .map_err(|limit| format!("the TLS handshake took longer than {limit:?}"))?
        .map(|stream| Stream::over(StreamKind::Tls(Box::new(stream))))
        .map_err(cause::of_io)
}

/// Opens a socket to the host and port of `url`.
async fn dial(url: &Url, budget: &Budget) -> Result<Socket, Cause> {
    let host = without_brackets(url.host());
    let addresses = match host.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, url.port())],
        Err(_) => budget
            .connect(resolve(host.to_owned(), url.port()))
            .await
            .map_err(|limit| format!("resolving the host name took longer than {limit:?}"))??,
    };
    dial_any(addresses, budget).await.map_err(cause::of_io)
}

/// Returns the addresses of a host, resolved on a thread, since systems only offer blocking calls
/// for that.
async fn resolve(host: String, port: u16) -> Result<Vec<SocketAddr>, Cause> {
    let resolved = move || Ok((host, port).to_socket_addrs()?.collect());
    on_thread("logout-resolver", resolved)
        .await
        .map_err(|error| cause::of_io(error).prefixed("no host name can be resolved: "))?
        .map_err(|error| cause::of_dns(error).prefixed("the host name is not known: "))
}

/// Opens a socket to the first of these addresses that answers.
async fn dial_any(addresses: Vec<SocketAddr>, budget: &Budget) -> io::Result<Socket> {
    let attempts = race::alternate_families(addresses)
        .into_iter()
        .map(|address| async move {
            let socket = budget
                .connect(Socket::connect(address))
                .await
                .map_err(|limit| {
                    io::Error::new(
                        io::ErrorKind::TimedOut,
                        format!("the server could not be reached within {limit:?}"),
                    )
                })??;
            // Head and body are written in one piece, and there is nothing to wait for after it.
            socket.get_ref().set_nodelay(true)?;
            Ok(socket)
        });
    race::first(attempts, race::HEAD_START).await
}

/// Returns an IPv6 address without the brackets that it has in a URL.
pub(super) fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener};

    use super::super::budget::{Budget, Timeouts};
    use super::dial_any;

    #[test]
    fn a_dead_address_does_not_hide_a_living_one() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let living = listener.local_addr().unwrap();
        let budget = Budget::new(Timeouts::default());
        let dead = SocketAddr::from(([127, 0, 0, 1], 1));
        let socket = smol::block_on(dial_any(vec![dead, dead, living], &budget)).unwrap();
        assert_eq!(socket.get_ref().peer_addr().unwrap(), living);
        assert!(socket.get_ref().nodelay().unwrap());
    }

    #[test]
    fn no_address_at_all_is_an_error() {
        let budget = Budget::new(Timeouts::default());
        let error = smol::block_on(dial_any(Vec::new(), &budget)).unwrap_err();
        assert_eq!(error.to_string(), "the host name has no address");
    }
}
