//! Trust in a server's certificate.

use std::io::Write as _;
use std::sync::Arc;

use futures_rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{ServerConfig, SupportedProtocolVersion, version};
use logout::transport::{Fault, Wire};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::server::{ByteStream, Face, OK, Server, read_request, wire};

/// An authority of the test's own.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(parameters, key),
            pem,
        }
    }

    /// Returns a wire that trusts this authority.
    pub(crate) fn trusted(&self) -> Wire {
        wire().with_root_pem(self.pem.as_bytes()).unwrap()
    }

    /// Returns a server configuration with a certificate for these names, changed as the test wants.
    pub(crate) fn certify(
        &self,
        names: &[&str],
        versions: &[&'static SupportedProtocolVersion],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let parameters = named(names, change);
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        serving(&certificate, &key, versions)
    }
}

fn named(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    change(&mut parameters);
    parameters
}

fn serving(
    certificate: &rcgen::Certificate,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}

pub(crate) const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS12, &version::TLS13];

pub(crate) fn answer(_: usize, stream: &mut dyn ByteStream) {
    while read_request(stream).is_some() {
        stream.write_all(OK.as_bytes()).unwrap();
        stream.flush().unwrap();
    }
}

fn refusal(face: &Face, server: &Server, host: &str) -> String {
    match face.post(&server.https(host)).unwrap_err() {
        Fault::NotSent(why) => why.to_string(),
        fault => panic!("it was not told that nothing was sent: {fault}"),
    }
}

#[test]
fn a_trusted_certificate_is_enough_for_a_name_and_for_an_address() {
    let authority = Authority::new("ours");
    let config = authority.certify(&["localhost", "127.0.0.1"], BOTH, |_| {});
    for face in Face::both(|| authority.trusted()) {
        let server = Server::start_tls(Arc::clone(&config), answer);
        for host in ["localhost", "127.0.0.1"] {
            for _ in 0..2 {
                assert_eq!(face.post(&server.https(host)).unwrap().text(), "ok");
            }
        }
        assert_eq!(server.connections(), 2, "through {}", face.name());
    }
}

#[test]
fn both_versions_of_tls_are_spoken() {
    let authority = Authority::new("ours");
    for version in [&version::TLS12, &version::TLS13] {
        let config = authority.certify(&["127.0.0.1"], &[version], |_| {});
        for face in Face::both(|| authority.trusted()) {
            let server = Server::start_tls(Arc::clone(&config), answer);
            for _ in 0..3 {
                assert_eq!(face.post(&server.https("127.0.0.1")).unwrap().status(), 200);
            }
            assert_eq!(server.connections(), 1, "through {}", face.name());
        }
    }
}

#[test]
fn an_unknown_authority_is_refused() {
    let config = Authority::new("another").certify(&["127.0.0.1"], BOTH, |_| {});
    for face in Face::both(|| Authority::new("ours").trusted()) {
        let server = Server::start_tls(Arc::clone(&config), answer);
        let why = refusal(&face, &server, "127.0.0.1");
        assert!(why.contains("unknown issuer"), "{why}");
        assert!(why.contains("SSL_CERT_FILE"), "{why}");
    }
}

#[test]
fn an_authority_that_only_bears_a_trusted_name_is_refused() {
    let config = Authority::new("ours").certify(&["127.0.0.1"], BOTH, |_| {});
    for face in Face::both(|| Authority::new("ours").trusted()) {
        let server = Server::start_tls(Arc::clone(&config), answer);
        let why = refusal(&face, &server, "127.0.0.1");
        assert!(why.contains("an older authority of that name"), "{why}");
    }
}

#[test]
fn a_certificate_that_signed_itself_is_refused_unless_it_is_trusted_itself() {
    let key = KeyPair::generate().unwrap();
    let certificate = named(&["127.0.0.1"], |_| {}).self_signed(&key).unwrap();
    let config = serving(&certificate, &key, BOTH);
    for face in Face::both(wire) {
        let server = Server::start_tls(Arc::clone(&config), answer);
        let why = refusal(&face, &server, "127.0.0.1");
        assert!(why.contains("unknown issuer"), "{why}");
    }
    let trusting = || wire().with_root_pem(certificate.pem().as_bytes()).unwrap();
    for face in Face::both(trusting) {
        let server = Server::start_tls(Arc::clone(&config), answer);
        assert_eq!(face.post(&server.https("127.0.0.1")).unwrap().status(), 200);
    }
}

#[test]
fn a_certificate_that_says_it_is_an_authoritys_is_told_with_the_mend() {
    let key = KeyPair::generate().unwrap();
    let parameters = named(&["127.0.0.1"], |parameters| {
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let certificate = parameters.self_signed(&key).unwrap();
    let config = serving(&certificate, &key, BOTH);
    for face in Face::both(|| wire().with_root_pem(certificate.pem().as_bytes()).unwrap()) {
        let server = Server::start_tls(Arc::clone(&config), answer);
        let why = refusal(&face, &server, "127.0.0.1");
        assert!(why.contains("CA:TRUE"), "{why}");
        assert!(why.contains("basicConstraints=critical,CA:FALSE"), "{why}");
    }
}

#[test]
fn a_certificate_without_a_name_is_told_with_the_mend() {
    let authority = Authority::new("ours");
    let config = authority.certify(&[], BOTH, |_| {});
    for face in Face::both(|| authority.trusted()) {
        let server = Server::start_tls(Arc::clone(&config), answer);
        let why = refusal(&face, &server, "localhost");
        assert!(why.contains("subjectAltName"), "{why}");
    }
}

#[test]
fn a_certificate_of_another_host_is_refused() {
    let authority = Authority::new("ours");
    let config = authority.certify(&["other.example", "10.9.8.7"], BOTH, |_| {});
    for face in Face::both(|| authority.trusted()) {
        let server = Server::start_tls(Arc::clone(&config), answer);
        for host in ["localhost", "127.0.0.1"] {
            let why = refusal(&face, &server, host);
            assert_eq!(why, "the server's certificate is for another host");
        }
    }
}

#[test]
fn a_certificate_out_of_its_time_is_refused() {
    let authority = Authority::new("ours");
    let expired = authority.certify(&["127.0.0.1"], BOTH, |parameters| {
        parameters.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    let early = authority.certify(&["127.0.0.1"], BOTH, |parameters| {
        parameters.not_before = rcgen::date_time_ymd(4000, 1, 1);
    });
    for face in Face::both(|| authority.trusted()) {
        let server = Server::start_tls(Arc::clone(&expired), answer);
        let why = refusal(&face, &server, "127.0.0.1");
        assert_eq!(why, "the server's certificate has expired");

        let server = Server::start_tls(Arc::clone(&early), answer);
        let why = refusal(&face, &server, "127.0.0.1");
        assert!(why.contains("not valid yet"), "{why}");
    }
}

#[test]
fn a_refused_certificate_gets_no_request() {
    let (told, heard) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let config = Authority::new("ours").certify(&["127.0.0.1"], BOTH, |_| {});
    let server = Server::start_tls(config, move |_, stream| {
        if let Some(request) = read_request(stream) {
            told.lock().unwrap().send(request).unwrap();
        }
    });
    for face in Face::both(wire) {
        refusal(&face, &server, "127.0.0.1");
    }
    assert!(heard.try_recv().is_err());
}

#[test]
fn an_idle_tls_connection_that_was_closed_costs_no_request() {
    let authority = Authority::new("ours");
    let config = authority.certify(&["127.0.0.1"], BOTH, |_| {});
    for face in Face::both(|| authority.trusted()) {
        let (told, closed) = std::sync::mpsc::channel();
        let told = std::sync::Mutex::new(told);
        let config = Arc::clone(&config);
        let server = Server::start(move |_, socket| {
            let mut stream = crate::server::tls_handshake(&config, socket).unwrap();
            read_request(&mut stream);
            stream.write_all(OK.as_bytes()).unwrap();
            stream.flush().unwrap();
            // Neither the alert that TLS wants nor anything else: the process is gone.
            socket.shutdown(std::net::Shutdown::Both).unwrap();
            told.lock().unwrap().send(()).unwrap();
        });
        for connections in 1..=3 {
            assert_eq!(face.post(&server.https("127.0.0.1")).unwrap().status(), 200);
            closed.recv_timeout(crate::server::TIMEOUT).unwrap();
            assert_eq!(server.connections(), connections);
        }
    }
}

#[test]
fn a_body_whose_end_tls_does_not_confirm_is_not_complete() {
    let authority = Authority::new("ours");
    let config = authority.certify(&["127.0.0.1"], BOTH, |_| {});
    for face in Face::both(|| authority.trusted()) {
        let config = Arc::clone(&config);
        let server = Server::start(move |_, socket| {
            let mut stream = crate::server::tls_handshake(&config, socket).unwrap();
            read_request(&mut stream);
            stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nok").unwrap();
            stream.flush().unwrap();
            // Without `close_notify`, so anybody on the way may have cut it off.
            socket.shutdown(std::net::Shutdown::Both).unwrap();
        });
        let answer = face.post(&server.https("127.0.0.1")).unwrap();
        assert_eq!((answer.status(), answer.text().as_ref()), (200, "ok"));
        assert!(!answer.is_complete());
    }
}

#[test]
fn what_is_no_certificate_is_refused_at_once() {
    for pem in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n%%%%\n-----END CERTIFICATE-----\n",
    ] {
        let error = Wire::new().with_root_pem(pem.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{pem}");
    }
}
