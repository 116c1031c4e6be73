//! TLS by rustls, with the certificates that the system trusts.

use std::io;
#[cfg(all(unix, not(target_vendor = "apple")))]
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_lock::OnceCell;
use futures_rustls::TlsConnector;
use futures_rustls::client::TlsStream;
use futures_rustls::pki_types::pem::PemObject as _;
use futures_rustls::pki_types::{CertificateDer, ServerName};
use futures_rustls::rustls::client::Resumption;
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{ClientConfig, RootCertStore};

use rustls_native_certs::CertificateResult;

use super::stream::Socket;
use super::thread::on_thread;

/// The servers whose sessions are kept for a shorter handshake. A program has a handful of chats.
const SESSIONS: usize = 8;

/// The settings of TLS connections; the system's certificates are read for the first one.
#[derive(Clone, Default)]
pub(super) struct Tls {
    added: Vec<CertificateDer<'static>>,
    connector: Arc<Mutex<Arc<OnceCell<Connector>>>>,
}

impl Tls {
    /// Trusts the certificates in `pem` besides the system's.
    pub(super) fn trusting(mut self, pem: &[u8]) -> io::Result<Self> {
        let before = self.added.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.added.push(certificate.map_err(|_| {
                invalid("it holds a certificate that is not in PEM form or is damaged")
            })?);
        }
        if self.added.len() == before {
            return Err(invalid(
                "there is no certificate in it; it must be in PEM form",
            ));
        }
        let mut store = RootCertStore::empty();
        for certificate in &self.added {
            store
                .add(certificate.clone())
                .map_err(|_| invalid("it holds a certificate that cannot be read"))?;
        }
        self.connector = Arc::default();
        Ok(self)
    }

    /// Returns the connector, made on a thread when it is first asked for: a store is some hundred
    /// files on a disk that may be slow.
    pub(super) async fn connector(&self) -> Result<Connector, String> {
        let cell = Arc::clone(&self.lock());
        let connector = cell.get_or_try_init(|| {
            let added = self.added.clone();
            async {
                let made = on_thread("logout-store", move || Connector::new(added)).await;
                made.unwrap_or_else(|why| Err(format!("the certificates could not be read: {why}")))
            }
        });
        connector.await.cloned()
    }

    /// Forgets the system's certificates: the next connection reads them again.
    pub(super) fn reload(&self) {
        *self.lock() = Arc::default();
    }

    fn lock(&self) -> MutexGuard<'_, Arc<OnceCell<Connector>>> {
        self.connector
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A maker of TLS connections with a loaded store.
#[derive(Clone)]
pub(super) struct Connector(TlsConnector);

impl Connector {
    fn new(added: Vec<CertificateDer<'static>>) -> Result<Self, String> {
        let store = roots(added)?;
        // Set explicitly, since the process's default belongs to the program and may be unset.
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be set up: {error}"))?
            .with_root_certificates(store)
            .with_no_client_auth();
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Performs the handshake with the server, which must have a certificate for `host`, a name or
    /// an IP address.
    pub(super) async fn connect(
        &self,
        host: &str,
        socket: Socket,
    ) -> io::Result<TlsStream<Socket>> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| invalid("no certificate can be checked for this host name"))?;
        self.0.connect(name, socket).await
    }
}

/// Returns the system's certificates, or Mozilla's if it has none, and those that the program
/// added.
fn roots(added: Vec<CertificateDer<'static>>) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    // One damaged or exotic certificate in the system's store is no reason to trust none.
    let named = named_store();
    store.add_parsable_certificates(
        match named {
            None => system_certificates(),
            Some(_) => rustls_native_certs::load_native_certs(),
        }
        .certs,
    );
    match named {
        None if store.is_empty() => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        // A named store replaces the public authorities.
        Some(variable) if store.is_empty() && added.is_empty() => {
            return Err(format!("{variable} names no readable certificate"));
        }
        _ => {}
    }
    store.add_parsable_certificates(added);
    Ok(store)
}

/// Returns the variable that names another store than the system's. An empty one names none, as in a
/// shell.
fn named_store() -> Option<&'static str> {
    ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .find(|variable| std::env::var_os(variable).is_some_and(|named| !named.is_empty()))
}

/// Reads the certificates that the system trusts, whatever the variables say.
fn system_certificates() -> CertificateResult {
    // rustls-native-certs takes an empty variable as the name of a file.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    if std::env::var_os("SSL_CERT_FILE").is_some() {
        let found = openssl_probe::probe();
        let first_folder = found.cert_dir.first().map(PathBuf::as_path);
        return rustls_native_certs::load_certs_from_paths(
            found.cert_file.as_deref(),
            first_folder,
        );
    }
    rustls_native_certs::load_native_certs()
}

#[cfg(all(test, not(feature = "tls12")))]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use crate::transport::{Fault, Request, Transport as _, Url, Wire};

    /// The answer of a server that knows only TLS 1.2 to a client that does not: a fatal alert,
    /// `protocol_version` (RFC 5246, 7.2) or, of some, `handshake_failure`.
    const ALERTS: [[u8; 7]; 2] = [[21, 3, 3, 0, 2, 2, 70], [21, 3, 3, 0, 2, 2, 40]];

    #[test]
    fn a_server_without_tls_1_3_is_told_with_the_feature_that_is_missing() {
        for alert in ALERTS {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = thread::spawn(move || {
                let (mut client, _) = listener.accept().unwrap();
                let mut hello = [0; 1024];
                let read = client.read(&mut hello).unwrap();
                client.write_all(&alert).unwrap();
                hello[..read].to_vec()
            });
            let mut request = Request::new();
            request.post(&Url::parse(&format!("https://{address}/")).unwrap());
            let fault = smol::block_on(Wire::new().send(&request)).unwrap_err();
            assert!(matches!(fault, Fault::NotSent(_)), "{fault:?}");
            let text = fault.to_string();
            assert!(text.contains("logout's feature `tls12`"), "{text}");
            // The extension `supported_versions` (43) offers one, which is 3.4: TLS 1.3.
            let offered = [0, 43, 0, 3, 2, 3, 4];
            let hello = server.join().unwrap();
            assert!(hello.windows(7).any(|bytes| bytes == offered), "{hello:?}");
        }
    }
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod store_tests {
    use std::process::Command;

    /// The variable that tells the second process what to do.
    const CHILD: &str = "LOGOUT_STORE_CHILD";

    #[test]
    #[expect(clippy::print_stdout, reason = "how the second process answers")]
    fn an_empty_ssl_cert_file_is_absent() {
        if std::env::var_os(CHILD).is_some() {
            let count = super::roots(Vec::new()).map(|store| store.len());
            print!("<<{count:?}>>");
            return;
        }
        let found = |file: Option<&str>| {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args([
                "--exact",
                "transport::wire::tls::store_tests::an_empty_ssl_cert_file_is_absent",
            ]);
            child.arg("--nocapture").env(CHILD, "1");
            child.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
            child.envs(file.map(|file| ("SSL_CERT_FILE", file)));
            let output = String::from_utf8(child.output().unwrap().stdout).unwrap();
            output
                .split_once("<<")
                .unwrap()
                .1
                .split_once(">>")
                .unwrap()
                .0
                .to_owned()
        };
        assert_eq!(found(Some("")), found(None));
        assert!(found(Some("/nowhere")).contains("SSL_CERT_FILE names no readable certificate"));
    }
}
