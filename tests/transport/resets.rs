//! A connection that is reset, which is a fault of one request and never the end of the program: SIGPIPE ends
//! it where nobody changed what that signal does.

use std::io::Read as _;
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_rustls::rustls::ServerConfig;
use logout::adapter::{Request, Url};
use logout::transport::{Surf, Transport as _, Wire};

use crate::certificates::{Authority, BOTH};
use crate::random::RandomDurations;
use crate::server::{Server, tls_handshake};

/// Names the address to send to, and thereby the process that sends.
const TARGET: &str = "LOGOUT_TEST_TARGET";

/// How many requests meet a reset unless told otherwise, at as many places in them.
const RESETS: u32 = 40;

/// What a client writes first under TLS is longer.
const HELLO: u64 = 200;

/// Large enough that it is not written at once.
const BODY: usize = 4 << 20;

/// Sends as a program does in which SIGPIPE has its default action, which Rust's runtime takes
/// away before `main`.
fn send_all(target: &str) {
    let default = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_default(signal_hook::consts::SIGPIPE, default).unwrap();
    let mut request = Request::new();
    request
        .post(&Url::parse(target).unwrap())
        .bytes("text/plain", &vec![b'x'; BODY]);
    let (wire, surf) = (Wire::new(), Surf::new());
    smol::block_on(async {
        for number in 0..RandomDurations::new(RESETS).rounds() {
            let answer = match number % 2 {
                0 => wire.send(&request).await,
                _ => surf.send(&request).await,
            };
            assert!(answer.is_err(), "nothing was reset");
        }
    });
}

/// Reads a part of the request and closes: with the rest of it unread, that is a reset.
fn read_and_leave(
    number: usize,
    moments: &Mutex<RandomDurations>,
    config: Option<&Arc<ServerConfig>>,
    socket: &TcpStream,
) {
    let shakes_hands = number % 4 < 3;
    let most = match config {
        Some(_) if !shakes_hands => HELLO,
        _ => BODY as u64 / 2,
    };
    let mut moments = moments.lock().unwrap();
    let part = 1 + moments.number_below(most);
    moments.wait(Duration::from_millis(2));
    drop(moments);
    let mut part = vec![0; usize::try_from(part).unwrap()];
    match config {
        Some(config) if shakes_hands => {
            if let Some(mut stream) = tls_handshake(config, socket) {
                drop(stream.read_exact(&mut part));
            }
        }
        _ => drop((&mut &*socket).read_exact(&mut part)),
    }
}

fn survives(test: &str, is_secure: bool) {
    if let Ok(target) = std::env::var(TARGET) {
        return send_all(&target);
    }
    let authority = Authority::new("ours");
    let config = is_secure.then(|| authority.certify(&["127.0.0.1"], BOTH, |_| {}));
    let moments = RandomDurations::new(RESETS);
    let resets = moments.rounds();
    let moments = Mutex::new(moments);
    let server = Server::start(move |number, socket| {
        read_and_leave(number, &moments, config.as_ref(), socket);
    });
    let target = if is_secure {
        server.https("127.0.0.1")
    } else {
        server.url("/")
    };
    let file = format!("resets-{is_secure}-{}.pem", std::process::id());
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&file, &authority.pem).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", test])
        .env(TARGET, target.as_str())
        .env("SSL_CERT_FILE", &file)
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), None, "{said}");
    assert!(output.status.success(), "{said}");
    assert_eq!(server.connections(), resets as usize);
}

#[test]
fn a_reset_under_tls_ends_no_program() {
    survives("resets::a_reset_under_tls_ends_no_program", true);
}

#[test]
fn a_reset_in_the_clear_ends_no_program() {
    survives("resets::a_reset_in_the_clear_ends_no_program", false);
}
