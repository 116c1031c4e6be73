//! A device that boots in 1970 and trusts no certificate until its clock is set.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use async_io::Async;
use figment::Figment;
use futures_lite::{future, io as async_copy};
use futures_rustls::TlsAcceptor;
use futures_rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use futures_rustls::rustls::ServerConfig;
use futures_rustls::rustls::crypto::ring;
use logout::sandbox::Sandbox;
use logout::transport::Wire;
use logout::{Slack, logout};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tracing_subscriber::prelude::*;

use crate::support::clock::Clock;
use crate::support::{self, account, process};

logout! {
    struct Alerts {
        project_name: "device",
        adapters: [Slack],
    }
}

const URL: &str = "DEVICE_URL";
const ROOT: &str = "DEVICE_ROOT";

/// Runs the device's program.
fn run_device() {
    let wire = Wire::new().without_proxy();
    let wire = wire.with_root_pem(std::env::var(ROOT).unwrap().as_bytes());
    let figment = Figment::from(("slack.url", std::env::var(URL).unwrap()));
    let alerts = Alerts::from_figment(figment)
        .unwrap()
        .transport(wire.unwrap());
    let (alerts, guard) = alerts.start().unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    for event in 0..5 {
        tracing::error!(event, "site-00: no pressure");
    }
    guard.handle().flush(6 * support::TIMEOUT).unwrap();
    println!("\n{}", serde_json::json!(guard.handle().stats()));
    println!("peak memory {} KiB", account::peak_and_current_memory().0);
}

/// A server in front of the sandbox whose certificate is valid from 2024 on.
struct Front {
    address: SocketAddr,
    refused: Arc<AtomicUsize>,
    root: String,
}

impl Front {
    fn before(sandbox: SocketAddr) -> Self {
        let (config, root) = certified();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let refused = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&refused);
        thread::spawn(move || {
            for socket in listener.incoming() {
                let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
                thread::spawn(move || {
                    if smol::block_on(relay(&acceptor, socket.unwrap(), sandbox)).is_err() {
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        Self {
            address,
            refused,
            root,
        }
    }
}

/// Fails where the client does not like the certificate.
async fn relay(acceptor: &TlsAcceptor, socket: TcpStream, to: SocketAddr) -> io::Result<()> {
    let secure = acceptor.accept(Async::new(socket)?).await?;
    let plain = Async::<TcpStream>::connect(to).await.unwrap();
    let (secure_out, secure_in) = async_copy::split(secure);
    let (plain_out, plain_in) = async_copy::split(plain);
    let either = future::or(
        async_copy::copy(secure_out, plain_in),
        async_copy::copy(plain_out, secure_in),
    );
    // However the connection ends, it was one.
    let _end = either.await;
    Ok(())
}

fn certified() -> (ServerConfig, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let mut server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    server.not_before = rcgen::date_time_ymd(2024, 1, 1);
    let certificate = server.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (config, root)
}

#[test]
fn a_certificate_that_is_not_valid_yet_delays_until_the_device_knows_the_time() {
    if process::is_child(a_certificate_that_is_not_valid_yet_delays_until_the_device_knows_the_time)
    {
        return run_device();
    }
    let booted = SystemTime::UNIX_EPOCH + Duration::from_secs(40);
    let Some(clock) = Clock::showing("tls", booted) else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let plain: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let (place, path) = plain["http://".len()..].split_once('/').unwrap();
    let front = Front::before(place.parse().unwrap());
    let url = format!("https://localhost:{}/{path}", front.address.port());
    let mut child =
        clock.child(a_certificate_that_is_not_valid_yet_delays_until_the_device_knows_the_time);
    let child = child.env(URL, url).env(ROOT, &front.root).spawn().unwrap();

    let start = Instant::now();
    while front.refused.load(Ordering::SeqCst) < 2 && start.elapsed() < 3 * support::TIMEOUT {
        thread::sleep(Duration::from_millis(10));
    }
    let (refused, requests) = (
        front.refused.load(Ordering::SeqCst),
        sandbox.requests().len(),
    );
    let in_1970 = start.elapsed();
    clock.set(SystemTime::now());
    let output = child.wait_with_output().unwrap();

    let (stdout, stderr) = (
        process::child_output(&output),
        String::from_utf8_lossy(&output.stderr),
    );
    let stats = stdout.lines().find(|line| line.starts_with('{')).unwrap();
    let (inbox, lasted) = (sandbox.inbox(), start.elapsed());
    println!(
        "{refused} handshakes refused in {in_1970:.1?}, all told after {lasted:.1?}; {stats}\n{stderr}"
    );
    assert!(refused >= 2, "{stderr}");
    assert_eq!(
        requests, 0,
        "nothing is sent to a server that is not believed"
    );
    assert!(stderr.contains("not valid yet"), "{stderr}");
    let lane = &serde_json::from_str::<serde_json::Value>(stats).unwrap()["lanes"][0];
    assert_eq!(
        (&lane["accepted"], &lane["delivered"]),
        (&5.into(), &5.into())
    );
    assert_eq!(
        account::events_by_site(&inbox),
        [("site-00".to_owned(), 5)].into()
    );
    assert_eq!(
        account::without_possible_repeats(inbox.clone()).len(),
        inbox.len()
    );
}
