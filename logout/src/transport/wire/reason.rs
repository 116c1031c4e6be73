//! Errors of the libraries beneath, in words that fit one line and hold no address.

use std::error::Error as _;
use std::io;

use futures_rustls::rustls::{self, CertificateError};

/// Why HTTP went wrong.
pub(super) fn of_hyper(error: &hyper::Error) -> String {
    if error.is_parse() {
        // hyper's texts are fixed ones ("message head is too large"): nothing of the answer.
        return format!("the answer cannot be read as HTTP: {error}");
    }
    if let Some(inner) = error.source().and_then(|source| source.downcast_ref()) {
        return of_io(inner);
    }
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return "the connection was closed too early".to_owned();
    }
    error.to_string()
}

/// Why a socket, or TLS on it, went wrong.
pub(super) fn of_io(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return of_tls(inner);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the server refused the connection".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            "the connection was reset".to_owned()
        }
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
            "the connection was closed too early".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Why a host name has no address.
pub(super) fn of_dns(error: &io::Error) -> String {
    let text = error.to_string();
    match text.strip_prefix("failed to lookup address information: ") {
        Some(reason) => reason.to_owned(),
        None => text,
    }
}

fn of_tls(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(why) => of_certificate(why),
        rustls::Error::AlertReceived(alert) => {
            format!("the server ended TLS with the alert {alert:?}")
        }
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS".to_owned(),
        error => format!("TLS failed: {error}"),
    }
}

fn of_certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            "the server's certificate has an unknown issuer; \
             the file named by SSL_CERT_FILE can hold a private one"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet; is this machine's clock right?"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another host"
        }
        CertificateError::Revoked => "the server's certificate was revoked",
        // So it is with a private authority that was made anew under its old name.
        CertificateError::BadSignature => {
            "the server's certificate was not signed by the authority that it names; \
             the file named by SSL_CERT_FILE may hold an older one of that name"
        }
        error => return format!("the server's certificate was refused: {error}"),
    }
    .to_owned()
}
