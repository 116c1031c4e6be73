//! The address of the broker, with the user and the database.

use std::fmt;
#[cfg(unix)]
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use redis::RedisConnectionInfo;
use serde::de::{self, Deserialize, Deserializer};

use crate::transport::secret::TextVisitor;
use crate::transport::{Secret, Url};

/// The name under which a [`BrokerAddress`] announces itself to a deserializer.
pub(crate) const ADDRESS: &str = "logout::fleet::Address";

/// The port of Redis and Valkey.
const PORT: u16 = 6379;

/// The error text for an address.
const EXPECTED: &str = "expected an address like rediss://user:password@redis.example:6379/0";

/// The error text for the address of a socket.
const EXPECTED_SOCKET: &str = "expected the path of a socket like unix:/run/redis/redis.sock, with user:password@ as in unix://user:password@/run/redis/redis.sock, and ?db=3 behind it for another database";

/// The error text for a socket with TLS.
const NO_TLS: &str = "expected unix:/run/redis/redis.sock, for a Unix socket has no TLS: what is sent over it does not leave the machine";

/// The location of a broker.
#[derive(Clone)]
pub(super) enum BrokerEndpoint {
    /// With `https` in place of `rediss`, and `http` in place of `redis`.
    Url(Url),
    #[cfg(unix)]
    Socket(PathBuf),
}

impl Default for BrokerEndpoint {
    fn default() -> Self {
        Self::Url(Url::default())
    }
}

/// The parsed address of a broker.
#[derive(Clone, Default)]
pub(crate) struct BrokerAddress {
    pub(super) endpoint: BrokerEndpoint,
    /// The user and the database.
    pub(super) info: RedisConnectionInfo,
    password: Option<Secret>,
}

impl BrokerAddress {
    /// Parses an address.
    ///
    /// # Errors
    ///
    /// What is wrong with it, without quoting it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(socket) = socket(text) {
            return Self::parse_socket(socket?);
        }
        let (scheme, rest) = text.split_once("://").ok_or(EXPECTED)?;
        let scheme = match scheme {
            "redis" | "valkey" => "http",
            "rediss" | "valkeys" => "https",
            _ => return Err(EXPECTED.to_owned()),
        };
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((credentials, place)) => (Some(credentials), place),
            None => (None, rest),
        };
        let (authority, path) = place.split_once('/').unwrap_or((place, ""));
        let database = match path {
            "" => 0,
            number => number
                .parse()
                .map_err(|_| "expected the number of a database after the host, such as /0")?,
        };
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(host, port)| !port.ends_with(']') && !host.is_empty());
        let authority = match has_port {
            true => authority.to_owned(),
            false => format!("{authority}:{PORT}"),
        };
        let url = Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| EXPECTED)?;
        Self::of(BrokerEndpoint::Url(url), credentials, database)
    }

    /// Parses the part of a socket's address that follows the scheme.
    #[cfg(unix)]
    fn parse_socket(rest: &str) -> Result<Self, String> {
        let (credentials, path) = match rest.strip_prefix("//") {
            None => (None, rest),
            Some(rest) if rest.starts_with('/') => (None, rest),
            Some(rest) => {
                let (credentials, path) = rest.rsplit_once("@/").ok_or(EXPECTED_SOCKET)?;
                let start = rest.len() - path.len() - 1;
                (Some(credentials), rest.get(start..).unwrap_or_default())
            }
        };
        let (path, query) = path.split_once('?').unwrap_or((path, "db=0"));
        let database = query.strip_prefix("db=").and_then(|db| db.parse().ok());
        let path = percent_decode_str(path).decode_utf8();
        let path = path.map_err(|_| EXPECTED_SOCKET)?;
        if !path.starts_with('/') || path.ends_with('/') || path.contains('\0') {
            return Err(EXPECTED_SOCKET.to_owned());
        }
        let endpoint = BrokerEndpoint::Socket(PathBuf::from(path.as_ref()));
        Self::of(endpoint, credentials, database.ok_or(EXPECTED_SOCKET)?)
    }

    #[cfg(not(unix))]
    fn parse_socket(_: &str) -> Result<Self, String> {
        Err(format!(
            "{EXPECTED}, for this system has no Unix sockets that logout speaks over"
        ))
    }

    fn of(
        endpoint: BrokerEndpoint,
        credentials: Option<&str>,
        database: i64,
    ) -> Result<Self, String> {
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(|text| text.into_owned())
                .map_err(|_| "expected user and password as text, percent-encoded")
        };
        let (mut user, mut password) = (None, None);
        if let Some(credentials) = credentials {
            let (name, secret) = credentials.split_once(':').unwrap_or(("", credentials));
            user = Some(decoded(name)?).filter(|name| !name.is_empty());
            password = Some(Secret::new(decoded(secret)?));
        }
        // The client would announce its name, which nobody needs and which takes one more right.
        let mut info = RedisConnectionInfo::default()
            .set_db(database)
            .set_skip_set_lib_name();
        if let Some(user) = user {
            info = info.set_username(user);
        }
        if let Some(password) = &password {
            info = info.set_password(password.expose());
        }
        Ok(Self {
            endpoint,
            info,
            password,
        })
    }

    pub(crate) fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// Returns whether the traffic leaves this machine unencrypted.
    pub(crate) fn is_open(&self) -> bool {
        match &self.endpoint {
            BrokerEndpoint::Url(url) => is_open(url),
            #[cfg(unix)]
            BrokerEndpoint::Socket(_) => false,
        }
    }
}

/// Returns whether traffic to a node leaves this machine unencrypted.
pub(super) fn is_open(url: &Url) -> bool {
    !url.is_secure() && !url.is_loopback()
}

/// Returns the part after the scheme of a socket, or an error if the address of a socket is wrong;
/// `None` if it is no socket.
fn socket(text: &str) -> Option<Result<&str, String>> {
    let (scheme, rest) = text.split_once(':')?;
    // A path without a host.
    let is_path = rest.starts_with("///") || rest.starts_with('/') && !rest.starts_with("//");
    match scheme {
        "unix" | "redis+unix" | "valkey+unix" => Some(Ok(rest)),
        "unixs" | "rediss+unix" | "valkeys+unix" => Some(Err(NO_TLS.to_owned())),
        "rediss" | "valkeys" if is_path => Some(Err(NO_TLS.to_owned())),
        "redis" | "valkey" if is_path => Some(Err(EXPECTED_SOCKET.to_owned())),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for BrokerAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(ADDRESS, TextVisitor)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl fmt::Debug for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{BrokerAddress, BrokerEndpoint};

    fn url(address: &BrokerAddress) -> String {
        match &address.endpoint {
            BrokerEndpoint::Url(url) => url.as_str().to_owned(),
            #[cfg(unix)]
            BrokerEndpoint::Socket(path) => path.to_str().unwrap().to_owned(),
        }
    }

    #[test]
    fn an_address_is_taken_apart() {
        let parsed = |text: &str| {
            let address = BrokerAddress::parse(text).unwrap();
            let password = address.password.as_ref();
            let password = password.map(|password| password.expose().to_owned());
            (
                url(&address),
                address.info.username().map(str::to_owned),
                password,
                address.info.db(),
            )
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            parsed("redis://localhost"),
            ("http://localhost:6379/".to_owned(), None, None, 0)
        );
        assert_eq!(
            parsed("rediss://shop:p%40ss@redis.example:7000/3"),
            (
                "https://redis.example:7000/".to_owned(),
                some("shop"),
                some("p@ss"),
                3
            )
        );
        assert_eq!(
            parsed("valkey://:secret@[::1]:6380"),
            ("http://[::1]:6380/".to_owned(), None, some("secret"), 0)
        );
        assert_eq!(parsed("redis://[::1]").0, "http://[::1]:6379/");
        #[cfg(unix)]
        {
            let socket = |user, password, database| {
                let path = "/run/redis.sock".to_owned();
                (path, user, password, database)
            };
            for plain in ["unix:", "unix://", "redis+unix://"] {
                let address = format!("{plain}/run/redis.sock");
                assert_eq!(parsed(&address), socket(None, None, 0));
            }
            assert_eq!(
                parsed("unix://shop:p%40s/s@/run/redis.sock?db=3"),
                socket(some("shop"), some("p@s/s"), 3)
            );
            assert_eq!(parsed("unix:/a%20b%3F").0, "/a b?");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_has_a_path_and_no_tls() {
        for wrong in [
            "unix:",
            "unix:hunter2",
            "unix:/hunter2/",
            "unix:/hunter2?db=x",
            "unix:/hunter2?pass=hunter2",
            "unix://hunter2/redis.sock",
            "unix:/hunter2%ff",
            "unix:/hunter2%00",
            "redis:///hunter2",
            "redis:/hunter2",
        ] {
            let why = BrokerAddress::parse(wrong).unwrap_err();
            assert!(why.contains("unix:/run/redis"), "{wrong}: {why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
        for tls in [
            "rediss:///hunter2",
            "rediss+unix:///hunter2",
            "unixs:/hunter2",
        ] {
            let why = BrokerAddress::parse(tls).unwrap_err();
            assert!(why.contains("has no TLS"), "{tls}: {why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_address_is_told_without_it() {
        for wrong in [
            "",
            "hunter2",
            "http://hunter2@redis",
            "redis://hunter2@",
            "redis://redis/hunter2",
            "redis://%ff:hunter2@redis",
        ] {
            let why = BrokerAddress::parse(wrong).unwrap_err();
            assert!(why.starts_with("expected "), "{why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
        let debug = format!("{:?}", BrokerAddress::parse("redis://:hunter2@localhost"));
        assert!(!debug.contains("hunter2"), "{debug}");
    }

    #[test]
    fn what_leaves_the_machine_in_the_open_is_known() {
        let is_open = |text| BrokerAddress::parse(text).unwrap().is_open();
        assert!(is_open("redis://redis.example"));
        assert!(!is_open("rediss://redis.example"));
        assert!(!is_open("redis://127.0.0.1:7000"));
        assert!(!is_open("redis://localhost"));
        #[cfg(unix)]
        assert!(!is_open("unix:/run/redis.sock"));
    }
}
