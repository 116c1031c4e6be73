//! Proxy variables of the environment, which a test cannot change: each of these tests runs itself once more,
//! in a process that has them.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, mpsc};

use logout::adapter::Url;
use logout::transport::{Surf, Transport as _, Wire};

use crate::certificates::{Authority, BOTH, answer};
use crate::server::{Server, TIMEOUT, post, read_request};

/// Names the address to send to, and thereby the process that sends.
const TARGET: &str = "LOGOUT_TEST_TARGET";

/// What the outcome is printed after.
const OUTCOME: &str = "outcome: ";

/// Sends by both faces and prints the outcomes, if this is the inner process; returns whether it is.
fn is_inner() -> bool {
    let Ok(target) = std::env::var(TARGET) else {
        return false;
    };
    let request = post(&Url::parse(&target).unwrap());
    smol::block_on(async {
        for outcome in [
            Wire::new().send(&request).await,
            Surf::new().send(&request).await,
        ] {
            match outcome {
                Ok(answer) => println!("\n{OUTCOME}{}", answer.status()),
                Err(fault) => println!("\n{OUTCOME}{fault}"),
            }
        }
    });
    true
}

/// Returns the outcome of sending to `target` with these variables, for each face, from an inner process.
fn outcomes(test: &str, target: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", "--nocapture", test]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        inner.env_remove(name).env_remove(name.to_uppercase());
    }
    inner.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
    inner.env(TARGET, target).envs(variables.iter().copied());
    let output = inner.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let outcomes: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix(OUTCOME))
        .map(str::to_owned)
        .collect();
    assert_eq!(outcomes.len(), 2, "{text}");
    outcomes
}

#[test]
fn ssl_cert_file_names_a_private_authority() {
    if is_inner() {
        return;
    }
    let name = "environment::ssl_cert_file_names_a_private_authority";
    let authority = Authority::new("ours");
    let file = format!("authority-{}.pem", std::process::id());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&file, &authority.pem).unwrap();
    let config = authority.certify(&["localhost"], BOTH, |_| {});
    let server = Server::start_tls(config, answer);
    let url = server.https("localhost");

    let variable = [("SSL_CERT_FILE", file.to_str().unwrap())];
    assert_eq!(outcomes(name, url.as_str(), &variable), ["200", "200"]);
    std::fs::remove_file(&file).unwrap();

    for outcome in outcomes(name, url.as_str(), &[]) {
        assert!(outcome.contains("unknown issuer"), "{outcome}");
    }
}

#[test]
fn a_named_file_without_certificates_is_told_and_not_passed_by() {
    if is_inner() {
        return;
    }
    let name = "environment::a_named_file_without_certificates_is_told_and_not_passed_by";
    let server = Server::start(|_, _| {});
    let missing = [("SSL_CERT_FILE", "/nowhere/at/all.pem")];
    for outcome in outcomes(name, server.https("localhost").as_str(), &missing) {
        assert_eq!(
            outcome,
            "not sent: SSL_CERT_FILE names no readable certificate"
        );
    }
}

#[test]
fn an_empty_variable_names_nothing() {
    if is_inner() {
        return;
    }
    let name = "environment::an_empty_variable_names_nothing";
    let config = Authority::new("nobody's").certify(&["localhost"], BOTH, |_| {});
    let server = Server::start_tls(config, answer);
    let empty = [("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")];
    for variables in [&empty[..], &empty[..1], &empty[1..]] {
        for outcome in outcomes(name, server.https("localhost").as_str(), variables) {
            assert!(outcome.contains("unknown issuer"), "{outcome}");
        }
    }
}

#[test]
fn https_proxy_is_obeyed_or_refused() {
    if is_inner() {
        return;
    }
    let name = "environment::https_proxy_is_obeyed_or_refused";
    let target = "https://hooks.example/s3cret";
    let (told, heard) = mpsc::channel();
    let told = Mutex::new(told);
    let proxy = Server::start(move |_, socket| {
        told.lock()
            .unwrap()
            .send(read_request(socket).unwrap())
            .unwrap();
        socket
            .write_all(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
    });
    let address = format!("http://me:pw@{}", proxy.address);
    for variable in ["HTTPS_PROXY", "all_proxy"] {
        for outcome in outcomes(name, target, &[(variable, &address)]) {
            assert_eq!(outcome, "not sent: the proxy refused with status 403");
            let asked = heard.recv_timeout(TIMEOUT).unwrap();
            assert_eq!(asked.line, "CONNECT hooks.example:443 HTTP/1.1");
            assert_eq!(asked.header("proxy-authorization"), Some("Basic bWU6cHc="));
        }
    }

    let before = proxy.connections();
    for outcome in outcomes(name, target, &[("https_proxy", "socks5://127.0.0.1:1")]) {
        assert_eq!(
            outcome,
            "not sent: the variable https_proxy cannot be used: it names a SOCKS proxy, \
             which is not supported; name one that begins with `http://`"
        );
    }
    let excepted = [("https_proxy", address.as_str()), ("NO_PROXY", "example")];
    for outcome in outcomes(name, "https://hooks.s3cret.example:1/", &excepted) {
        assert!(outcome.starts_with("not sent: "), "{outcome}");
        assert!(!outcome.contains("s3cret"), "{outcome}");
    }
    assert_eq!(proxy.connections(), before);
}
