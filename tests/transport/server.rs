//! Servers on loopback whose every byte the test decides, and the client's two faces.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use futures_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use logout::adapter::{Request, Response, Url};
use logout::transport::{Fault, Surf, Transport, Wire};

/// How long a test waits for what must happen. Only failing tests take that long.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// A time-out that is meant to strike.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

/// An answer that every test can tell from others.
pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A stream that bytes go through both ways.
pub(crate) trait ByteStream: Read + Write {}
impl<T: Read + Write> ByteStream for T {}

/// A server that accepts for as long as the test runs.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server that calls `talk` for each connection, numbered from 0, on a thread of its own.
    pub(crate) fn start(talk: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", talk).unwrap()
    }

    pub(crate) fn at(
        address: &str,
        talk: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let talk = Arc::new(talk);
        thread::spawn(move || {
            for socket in listener.incoming() {
                let Ok(mut socket) = socket else { continue };
                let number = count.fetch_add(1, Ordering::SeqCst);
                let talk = Arc::clone(&talk);
                thread::spawn(move || talk(number, &mut socket));
            }
        });
        Ok(Self {
            address,
            connections,
        })
    }

    /// Starts a server that completes a TLS handshake before it calls `talk`.
    pub(crate) fn start_tls(
        config: Arc<ServerConfig>,
        talk: impl Fn(usize, &mut dyn ByteStream) + Send + Sync + 'static,
    ) -> Self {
        Self::start(move |number, socket| {
            if let Some(mut stream) = tls_handshake(&config, socket) {
                talk(number, &mut stream);
            }
        })
    }

    /// Starts a server that gives every request the same answer, and returns the requests.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> (Self, Receiver<ReceivedRequest>) {
        let answer = answer.into();
        let (told, heard) = mpsc::channel();
        let server = Self::start(move |_, socket| {
            while let Some(request) = read_request(socket) {
                // The test may have seen enough.
                drop(told.send(request));
                if socket.write_all(&answer).is_err() {
                    return;
                }
            }
        });
        (server, heard)
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// Returns the URL of the same port under `https` and another name of this machine.
    pub(crate) fn https(&self, host: &str) -> Url {
        Url::parse(&format!("https://{host}:{}/hook", self.address.port())).unwrap()
    }

    /// Returns how many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Completes the handshake of TLS on the server's side.
pub(crate) fn tls_handshake(
    config: &Arc<ServerConfig>,
    socket: &TcpStream,
) -> Option<StreamOwned<ServerConnection, TcpStream>> {
    let session = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = StreamOwned::new(session, socket.try_clone().unwrap());
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).ok()?;
    }
    Some(stream)
}

/// A request as it stood on the wire.
#[derive(Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl ReceivedRequest {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "{name} is there twice");
        value
    }
}

/// Reads one request, or `None` when there is none left.
pub(crate) fn read_request(stream: &mut (impl Read + ?Sized)) -> Option<ReceivedRequest> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut heard = ReceivedRequest {
        line,
        headers,
        body: Vec::new(),
    };
    let length = heard.header("content-length").unwrap_or("0");
    heard.body.resize(length.parse().unwrap(), 0);
    stream.read_exact(&mut heard.body).ok()?;
    Some(heard)
}

/// Reads until the client goes.
pub(crate) fn read_to_end(stream: &mut (impl Read + ?Sized)) {
    drop(io::copy(stream, &mut io::sink()));
}

/// The two ways to the same wire core.
#[expect(
    clippy::large_enum_variant,
    reason = "a test has one, and it is the size of its transport"
)]
pub(crate) enum Face {
    Wire(Wire),
    Surf(Surf),
}

impl Face {
    /// Returns both, each over a wire of its own.
    pub(crate) fn both(wire: impl Fn() -> Wire) -> [Self; 2] {
        [Self::Wire(wire()), Self::Surf(Surf::from(wire()))]
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Wire(_) => "wire",
            Self::Surf(_) => "surf",
        }
    }

    /// Sends and waits for the answer.
    pub(crate) fn send(&self, request: &Request) -> Result<Response, Fault> {
        smol::block_on(async {
            match self {
                Self::Wire(wire) => wire.send(request).await,
                Self::Surf(surf) => surf.send(request).await,
            }
        })
    }

    pub(crate) fn post(&self, url: &Url) -> Result<Response, Fault> {
        self.send(&post(url))
    }
}

/// Returns a wire that ignores this machine's proxy variables.
pub(crate) fn wire() -> Wire {
    Wire::new().without_proxy()
}

pub(crate) fn post(url: &Url) -> Request {
    let mut request = Request::new();
    request.post(url).json(&"hello");
    request
}
