//! Texts for errors of the libraries underneath, which fit one line and hold no address.

use std::error::Error as _;
use std::io;

use futures_rustls::rustls::{
    self, AlertDescription, CertificateError, DEFAULT_VERSIONS, PeerIncompatible, ProtocolVersion,
};

use crate::transport::Cause;

/// Returns the cause of an error of HTTP.
pub(super) fn of_hyper(error: hyper::Error) -> Cause {
    Cause::from(told_of_hyper(&error)).with_source(error)
}

/// Returns the cause of an error of a socket, or of TLS on it.
pub(super) fn of_io(error: io::Error) -> Cause {
    Cause::from(told_of_io(&error)).with_source(error)
}

/// Returns the cause of a failed name resolution.
pub(super) fn of_dns(error: io::Error) -> Cause {
    let text = error.to_string();
    let reason = text.strip_prefix("failed to lookup address information: ");
    Cause::from(reason.unwrap_or(&text)).with_source(error)
}

fn told_of_hyper(error: &hyper::Error) -> String {
    if error.is_parse() {
        // hyper's texts are fixed ones ("message head is too large"): nothing of the answer.
        return format!("the answer cannot be read as HTTP: {error}");
    }
    if let Some(inner) = error.source().and_then(|source| source.downcast_ref()) {
        return told_of_io(inner);
    }
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return "the connection was closed too early".to_owned();
    }
    error.to_string()
}

fn told_of_io(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return told_of_tls(inner);
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

fn told_of_tls(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(why) => told_of_certificate(why),
        rustls::Error::AlertReceived(alert) => told_of_alert(*alert, speaks_tls12()),
        rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::SupportedVersionsExtensionRequired,
        ) => told_of_version(speaks_tls12()).to_owned(),
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS".to_owned(),
        error => format!("TLS failed: {error}"),
    }
}

/// Returns whether TLS 1.2 was built in, by the feature or by another crate that uses rustls.
fn speaks_tls12() -> bool {
    DEFAULT_VERSIONS
        .iter()
        .any(|known| known.version == ProtocolVersion::TLSv1_2)
}

fn told_of_alert(alert: AlertDescription, speaks_tls12: bool) -> String {
    match alert {
        AlertDescription::ProtocolVersion => told_of_version(speaks_tls12),
        AlertDescription::CertificateRequired => {
            "the server asks for a client certificate, which logout does not have"
        }
        AlertDescription::UnrecognisedName => "the server has no host of this name",
        // A server of TLS 1.2 says no more.
        AlertDescription::HandshakeFailure if speaks_tls12 => {
            "the server aborted the TLS handshake (handshake_failure): it asks for a client \
            certificate, which logout does not have, or supports no safe cipher"
        }
        AlertDescription::HandshakeFailure => {
            "the server aborted the TLS handshake (handshake_failure): if it does not support TLS \
            1.3, build with logout's feature `tls12`"
        }
        alert => return format!("the server ended TLS with the alert {alert:?}"),
    }
    .to_owned()
}

fn told_of_version(speaks_tls12: bool) -> &'static str {
    if speaks_tls12 {
        "the server supports neither TLS 1.3 nor TLS 1.2; older versions are not safe"
    } else {
        "the server does not support TLS 1.3; build with logout's feature `tls12`"
    }
}

fn told_of_certificate(error: &CertificateError) -> String {
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
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "the server's certificate names no host; reissue it with a subjectAltName"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another host"
        }
        CertificateError::Revoked => "the server's certificate was revoked",
        // This occurs with a private authority that was recreated under its old name, and with
        // every key that ring finds too short.
        CertificateError::BadSignature => {
            "a signature in the server's certificate does not match: \
             the file named by SSL_CERT_FILE holds an older authority of that name, \
             or a key is weak (RSA of less than 2048 bits is refused)"
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "the server's certificate is signed in a way that is not safe any more, such as SHA-1"
        }
        // webpki's own texts, which rustls passes on without a type.
        CertificateError::Other(other) => match other.to_string().as_str() {
            "CaUsedAsEndEntity" => {
                "the server's certificate is marked as an authority's (CA:TRUE), as openssl's \
                self-signed ones are; reissue it with `-addext basicConstraints=critical,CA:FALSE`"
            }
            "UnsupportedCertVersion" => {
                "the server's certificate is of X.509 version 1; reissue it with a \
                subjectAltName, which makes it version 3"
            }
            other => return format!("the server's certificate was refused: {other}"),
        },
        error => return format!("the server's certificate was refused: {error}"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use futures_rustls::rustls::AlertDescription;

    use super::told_of_alert;

    #[test]
    fn a_server_of_old_is_told_by_what_this_build_lacks() {
        for alert in [
            AlertDescription::ProtocolVersion,
            AlertDescription::HandshakeFailure,
        ] {
            let without = told_of_alert(alert, false);
            assert!(without.contains("logout's feature `tls12`"), "{without}");
            let with = told_of_alert(alert, true);
            assert!(!with.contains("feature"), "{with}");
        }
    }
}
