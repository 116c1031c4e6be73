//! Where the broker is, and as whom it is spoken to.

use std::fmt;

use percent_encoding::percent_decode_str;
use redis::RedisConnectionInfo;
use serde::de::{self, Deserialize, Deserializer};

use crate::transport::secret::TextVisitor;
use crate::transport::{Secret, Url};

/// The name under which an [`Address`] announces itself to a deserializer.
pub(crate) const ADDRESS: &str = "logout::fleet::Address";

/// The port of Redis and Valkey.
const PORT: u16 = 6379;

/// What a wrong address is told.
const EXPECTED: &str = "expected an address like rediss://user:password@redis.example:6379/0";

/// The address of a broker, taken apart.
#[derive(Clone, Default)]
pub(crate) struct Address {
    /// With the scheme of HTTP that has TLS where it has.
    pub(super) url: Url,
    /// As whom, and to which database.
    pub(super) info: RedisConnectionInfo,
    password: Option<Secret>,
}

impl Address {
    /// Takes an address apart.
    ///
    /// # Errors
    ///
    /// What is wrong with it, without a part of it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(EXPECTED)?;
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
        // Its name is nobody's business, and to say it is one right more.
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
            url,
            info,
            password,
        })
    }

    pub(crate) fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// Whether what is sent can be read on the way, which leaves the machine.
    pub(crate) fn is_open(&self) -> bool {
        is_open(&self.url)
    }
}

/// The same of an address of a node.
pub(super) fn is_open(url: &Url) -> bool {
    !url.is_secure() && !url.is_loopback()
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(ADDRESS, TextVisitor)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_taken_apart() {
        let parsed = |text| {
            let address = Address::parse(text).unwrap();
            let password = address.password.as_ref();
            let password = password.map(|password| password.expose().to_owned());
            (
                address.url.as_str().to_owned(),
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
            let why = Address::parse(wrong).unwrap_err();
            assert!(why.starts_with("expected "), "{why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
        let debug = format!("{:?}", Address::parse("redis://:hunter2@localhost"));
        assert!(!debug.contains("hunter2"), "{debug}");
    }

    #[test]
    fn what_leaves_the_machine_in_the_open_is_known() {
        let is_open = |text| Address::parse(text).unwrap().is_open();
        assert!(is_open("redis://redis.example"));
        assert!(!is_open("rediss://redis.example"));
        assert!(!is_open("redis://127.0.0.1:7000"));
        assert!(!is_open("redis://localhost"));
    }
}
