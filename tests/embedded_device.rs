//! The example for small devices, built small and static.
//!
//! `.ci/embedded` builds it, names the binary in `LOGOUT_EMBEDDED`, what is in it in
//! `LOGOUT_EMBEDDED_FEATURES` and, for another machine's, the emulator in
//! `LOGOUT_EMBEDDED_RUNNER`; without them there is nothing to run.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use futures_rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{
    ProtocolVersion, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version,
};
use logout::sandbox::{Platform, Sandbox};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// Forwards one request to the server at `address`, and its answer back.
fn relay(line: impl Read + Write, address: &str) -> io::Result<impl Read + Write> {
    let mut line = BufReader::new(line);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && line.read_line(&mut head)? > 0 {}
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![
        0;
        length
            .unwrap_or_default()
            .trim()
            .parse()
            .unwrap_or_default()
    ];
    line.read_exact(&mut body)?;
    let mut server = TcpStream::connect(address)?;
    // Then the end of the connection is the end of the answer.
    let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    server.write_all(head.as_bytes())?;
    server.write_all(&body)?;
    let mut line = line.into_inner();
    io::copy(&mut server, &mut line)?;
    line.flush()?;
    Ok(line)
}

/// Serves a gateway as the example expects it: each connection carries one request in the form that proxies
/// take.
fn serve_socket(address: String) -> PathBuf {
    let socket = std::env::temp_dir().join(format!("gateway-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || {
        for line in listener.incoming() {
            let _line = relay(line.unwrap(), &address).unwrap();
        }
    });
    socket
}

/// A server with a certificate of a private authority, whose own is in the file.
struct Secured {
    port: u16,
    authority: PathBuf,
    /// What each connection was made with.
    versions: Receiver<ProtocolVersion>,
}

fn serve_tls(address: String, spoken: &[&'static SupportedProtocolVersion]) -> Secured {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = parameters.self_signed(&key).unwrap().pem();
    let name = format!("authority-{}-{}.pem", std::process::id(), spoken.len());
    let authority = std::env::temp_dir().join(name);
    std::fs::write(&authority, pem).unwrap();
    let issuer = Issuer::new(parameters, key);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = server_config(&issuer, spoken);
    let (told, versions) = channel();
    thread::spawn(move || {
        for line in listener.incoming() {
            // A handshake that fails is the device's to tell.
            drop(secure(&config, line.unwrap(), &address, &told));
        }
    });
    Secured {
        port,
        authority,
        versions,
    }
}

/// Returns a server configuration with a certificate of `issuer`, for these versions of TLS.
fn server_config(
    issuer: &Issuer<'_, KeyPair>,
    spoken: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let parameters = CertificateParams::new(names).unwrap();
    let certificate = parameters.signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(spoken)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}

fn secure(
    config: &Arc<ServerConfig>,
    line: TcpStream,
    address: &str,
    told: &Sender<ProtocolVersion>,
) -> io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut line = StreamOwned::new(connection, line);
    relay(&mut line, address)?;
    let _after_the_test = told.send(line.conn.protocol_version().unwrap());
    line.conn.send_close_notify();
    line.flush()
}

/// Returns a command for the device's program, in its emulator where it needs one.
fn device_command(binary: String) -> Command {
    match std::env::var("LOGOUT_EMBEDDED_RUNNER") {
        Ok(runner) => {
            let mut program = Command::new(runner);
            program.arg(binary);
            program
        }
        Err(_) => Command::new(binary),
    }
}

/// Runs the program, which speaks TLS 1.3 with a server that only its certificate store trusts.
fn run_over_tls(mut program: Command, url: &str, address: &str) -> ExitStatus {
    // It would speak TLS 1.2 too.
    let server = serve_tls(address.to_owned(), &[&version::TLS12, &version::TLS13]);
    let secured = format!("https://localhost:{}", server.port);
    let url = url.replace(&format!("http://{address}"), &secured);
    let status = program
        .env("SSL_CERT_FILE", &server.authority)
        .env("LOGOUT_TELEGRAM__URL", url)
        .status();
    std::fs::remove_file(&server.authority).unwrap();
    // The program may end before the server's thread has told of it.
    let first = server.versions.recv_timeout(Duration::from_secs(10));
    let mut versions = vec![first.expect("nobody came to the server")];
    versions.extend(server.versions.try_iter());
    let is_new = |version: &ProtocolVersion| *version == ProtocolVersion::TLSv1_3;
    assert!(versions.iter().all(is_new), "{versions:?}");
    status.unwrap()
}

/// Runs the program, which knows TLS 1.3 alone, against a server that knows TLS 1.2 alone.
fn run_over_old_tls(mut program: Command, url: &str, address: &str) -> Output {
    let server = serve_tls(address.to_owned(), &[&version::TLS12]);
    let secured = format!("https://localhost:{}", server.port);
    let output = program
        .env("SSL_CERT_FILE", &server.authority)
        .env(
            "LOGOUT_TELEGRAM__URL",
            url.replace(&format!("http://{address}"), &secured),
        )
        .output();
    std::fs::remove_file(&server.authority).unwrap();
    output.unwrap()
}

/// Runs the program, which has neither HTTP client nor TLS.
fn run_over_a_socket(mut program: Command, url: &str, address: &str) -> ExitStatus {
    let socket = serve_socket(address.to_owned());
    let status = program
        .env("GATEWAY_SOCKET", &socket)
        .env("LOGOUT_TELEGRAM__URL", url)
        .status();
    std::fs::remove_file(&socket).unwrap();
    status.unwrap()
}

/// Returns the binary to run and the features in it, if somebody built one.
fn built_binary() -> Option<(String, String)> {
    let Ok(binary) = std::env::var("LOGOUT_EMBEDDED") else {
        // Past the capture of the test runner: whoever runs the tests is to see it.
        let _unseen = writeln!(
            io::stderr(),
            "skipped: LOGOUT_EMBEDDED names no binary; .ci/embedded builds and runs it"
        );
        return None;
    };
    let features = std::env::var("LOGOUT_EMBEDDED_FEATURES").unwrap_or_default();
    Some((binary, features))
}

/// Returns a program that sends to this sandbox, the URL of the sandbox's Telegram, and host and port of that
/// URL.
fn program_for(binary: String, sandbox: &Sandbox) -> (Command, String, String) {
    let figment = sandbox.figment_for(Platform::Telegram);
    let text = |key: &str| figment.extract_inner::<String>(key).unwrap();
    let chat: i64 = figment.extract_inner("telegram.chat_id").unwrap();
    let mut program = device_command(binary);
    program
        .env("TELEGRAM_BOT_TOKEN", text("telegram.bot_token"))
        .env("TELEGRAM_CHAT_ID", chat.to_string());
    let url = text("telegram.url");
    let (_, address) = url.split_once("://").unwrap();
    let address = address.split('/').next().unwrap().to_owned();
    (program, url, address)
}

#[test]
fn the_device_tells_of_its_pump() {
    let Some((binary, features)) = built_binary() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let (program, url, address) = program_for(binary, &sandbox);
    let status = if features.contains("hyper") {
        run_over_tls(program, &url, &address)
    } else {
        run_over_a_socket(program, &url, &address)
    };
    assert!(status.success(), "{status}");
    let told: Vec<_> = sandbox.inbox().iter().map(ToString::to_string).collect();
    let told = told.join("\n");
    assert!(told.contains("the pump has lost its pressure"), "{told}");
    assert!(told.contains("the pressure is falling"), "{told}");
    assert!(told.contains("Pump Station 7"), "{told}");
}

#[test]
fn the_device_says_which_feature_an_old_server_needs() {
    let Some((binary, features)) = built_binary() else {
        return;
    };
    if !features.contains("hyper") {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    let (program, url, address) = program_for(binary, &sandbox);
    let output = run_over_old_tls(program, &url, &address);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("logout's feature `tls12`"), "{said}");
    assert!(sandbox.requests().is_empty());
}
