//! Ways through a proxy.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::time::Instant;

use logout::adapter::Url;
use logout::transport::{Fault, Wire};

use crate::certificates::{Authority, BOTH, answer};
use crate::server::{
    Face, OK, ReceivedRequest, SHORT, Server, TIMEOUT, read_request, read_to_end, tls_handshake,
    wire,
};

const TUNNEL: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

/// Starts a proxy that reads one request and then calls `go_on`.
fn proxy(
    go_on: impl Fn(&mut TcpStream) + Send + Sync + 'static,
) -> (Server, Receiver<ReceivedRequest>) {
    let (told, heard) = mpsc::channel();
    let told = Mutex::new(told);
    let server = Server::start(move |_, socket| {
        if let Some(request) = read_request(socket) {
            drop(told.lock().unwrap().send(request));
            go_on(socket);
        }
    });
    (server, heard)
}

fn through(wire: Wire, server: &Server, credentials: &str) -> Wire {
    let proxy = format!("http://{credentials}{}", server.address);
    wire.with_proxy(&proxy, "direct.example").unwrap()
}

fn secret() -> Url {
    Url::parse("https://hooks.example/s3cret").unwrap()
}

#[test]
fn https_goes_through_a_tunnel_and_shows_the_proxy_nothing_but_the_host() {
    let authority = Authority::new("ours");
    let config = authority.certify(&["hooks.example"], BOTH, |_| {});
    let (told, within) = mpsc::channel();
    let told = Mutex::new(told);
    let (server, heard) = proxy(move |socket| {
        socket.write_all(TUNNEL.as_bytes()).unwrap();
        let mut stream = tls_handshake(&config, socket).unwrap();
        while let Some(request) = read_request(&mut stream) {
            told.lock().unwrap().send(request).unwrap();
            stream.write_all(OK.as_bytes()).unwrap();
        }
    });
    for face in Face::both(|| through(authority.trusted(), &server, "me:p%40ss@")) {
        let before = server.connections();
        for _ in 0..2 {
            assert_eq!(face.post(&secret()).unwrap().text(), "ok");
            let request = within.recv_timeout(TIMEOUT).unwrap();
            assert_eq!(request.line, "POST /s3cret HTTP/1.1");
            assert_eq!(request.header("host"), Some("hooks.example"));
            assert_eq!(request.header("proxy-authorization"), None);
        }
        assert_eq!(server.connections(), before + 1, "through {}", face.name());
        let asked = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(asked.line, "CONNECT hooks.example:443 HTTP/1.1");
        assert_eq!(asked.header("host"), Some("hooks.example:443"));
        // me:p@ss
        assert_eq!(
            asked.header("proxy-authorization"),
            Some("Basic bWU6cEBzcw==")
        );
    }
}

#[test]
fn a_certificate_is_checked_through_a_tunnel_too() {
    let authority = Authority::new("ours");
    let config = authority.certify(&["proxy.example"], BOTH, |_| {});
    let (server, _heard) = proxy(move |socket| {
        socket.write_all(TUNNEL.as_bytes()).unwrap();
        if let Some(mut stream) = tls_handshake(&config, socket) {
            answer(0, &mut stream);
        }
    });
    for face in Face::both(|| through(authority.trusted(), &server, "")) {
        assert_eq!(
            face.post(&secret()).unwrap_err(),
            Fault::NotSent("the server's certificate is for another host".into())
        );
    }
}

#[test]
fn http_is_handed_to_the_proxy_with_the_whole_address() {
    let url = Url::parse("http://hooks.example:8080/a?b=c").unwrap();
    let (server, heard) = proxy(|socket| socket.write_all(OK.as_bytes()).unwrap());
    for face in Face::both(|| through(wire(), &server, "me:pw@")) {
        assert_eq!(face.post(&url).unwrap().text(), "ok");
        let request = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(
            request.line,
            "POST http://hooks.example:8080/a?b=c HTTP/1.1"
        );
        assert_eq!(request.header("host"), Some("hooks.example:8080"));
        assert_eq!(
            request.header("proxy-authorization"),
            Some("Basic bWU6cHc=")
        );
    }
}

#[test]
fn this_machine_is_reached_without_the_proxy() {
    let (proxy, _heard) = proxy(|_| {});
    let (server, _heard) = Server::answering(OK);
    for face in Face::both(|| through(wire(), &proxy, "")) {
        assert_eq!(face.post(&server.url("/")).unwrap().status(), 200);
    }
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn a_proxy_that_refuses_is_told_and_nothing_was_sent() {
    for (raw, why) in [
        (
            "HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n",
            "the proxy asks for credentials, or for other ones (status 407)",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n",
            "the proxy refused with status 403",
        ),
        (
            "SSH-2.0-OpenSSH\r\n",
            "the proxy did not answer: the answer cannot be read as HTTP: \
             invalid HTTP version parsed",
        ),
        (
            "",
            "the proxy did not answer: the connection was closed too early",
        ),
        (
            "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "the proxy sent bytes of its own into the tunnel",
        ),
    ] {
        for face in Face::both(|| {
            let (server, _heard) = proxy(move |socket| socket.write_all(raw.as_bytes()).unwrap());
            through(wire(), &server, "me:s3cret@")
        }) {
            assert_eq!(
                face.post(&secret()).unwrap_err(),
                Fault::NotSent(why.into())
            );
        }
    }
}

#[test]
fn a_proxy_that_wants_credentials_is_no_answer_of_the_server() {
    let url = Url::parse("http://hooks.example/s3cret").unwrap();
    for face in Face::both(|| {
        let (server, _heard) = proxy(|socket| {
            let raw = b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n";
            socket.write_all(raw).unwrap();
        });
        through(wire(), &server, "")
    }) {
        assert_eq!(
            face.post(&url).unwrap_err(),
            Fault::NotSent("the proxy asks for credentials, or for other ones (status 407)".into())
        );
    }
    // What a server itself says is its own.
    let (server, _heard) = Server::answering("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
    for face in Face::both(wire) {
        assert_eq!(face.post(&server.url("/")).unwrap().status(), 407);
    }
}

#[test]
fn an_exception_that_names_nothing_is_refused() {
    let error = wire().with_proxy("http://proxy.example", "example.org 10.0.0.0/33");
    assert_eq!(
        error.unwrap_err().to_string(),
        "`10.0.0.0/33` is not a host, address or network; \
         write `example.org`, `10.1.2.3` or `10.0.0.0/8`"
    );
}

#[test]
fn a_proxy_that_hangs_or_is_gone_is_not_sent() {
    let (server, _heard) = proxy(read_to_end);
    for face in Face::both(|| through(wire(), &server, "").with_connect_timeout(SHORT)) {
        assert_eq!(
            face.post(&secret()).unwrap_err(),
            Fault::NotSent("the proxy did not answer within 200ms".into())
        );
    }
    let closing = Server::start(|_, _| {});
    let begin = Instant::now();
    for face in Face::both(|| through(wire(), &closing, "")) {
        assert!(!face.post(&secret()).unwrap_err().may_have_arrived());
    }
    assert!(begin.elapsed() < TIMEOUT / 2);
    let gone = || wire().with_proxy("http://127.0.0.1:1", "").unwrap();
    for face in Face::both(gone) {
        assert_eq!(
            face.post(&secret()).unwrap_err(),
            Fault::NotSent("the proxy cannot be reached: the server refused the connection".into())
        );
    }
}

#[test]
fn a_proxy_of_another_kind_is_refused() {
    for (address, word) in [
        ("https://proxy.example", "TLS"),
        ("socks5://proxy.example:1080", "SOCKS"),
        ("not a proxy", "http://host:port"),
    ] {
        let error = wire().with_proxy(address, "").unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
        assert!(!error.contains("proxy.example"), "{error}");
    }
}

#[test]
fn a_host_that_is_excepted_is_not_told_to_the_proxy() {
    let (server, _heard) = proxy(|_| {});
    let url = Url::parse("http://direct.example.invalid/").unwrap();
    let wire = wire()
        .with_proxy(&format!("http://{}", server.address), "example.invalid")
        .unwrap();
    let face = Face::Wire(wire);
    assert!(!face.post(&url).unwrap_err().may_have_arrived());
    assert_eq!(server.connections(), 0);
}
