//! The check of who may ask the page.
//!
//! The page listens at loopback, where every site that the browser has open can reach it too. A
//! site is kept out by the same-origin policy, unless its own name is made to resolve to loopback
//! (DNS rebinding): so the name in `Host` must be loopback's. And a form or a script of a site may
//! post blindly: so what changes anything must bring the page's token and its `Origin`.

use std::hash::{BuildHasher, RandomState};

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};

const TOKEN: HeaderName = HeaderName::from_static("x-sandbox-token");

/// The host names and the token that a request to the page is checked against.
#[derive(Debug)]
pub(super) struct AccessCheck {
    hosts: [String; 3],
    token: String,
}

impl AccessCheck {
    pub(super) fn new(port: u16) -> Self {
        Self {
            hosts: ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}")),
            token: secret(),
        }
    }

    /// Returns what the page's script sends with everything it posts.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Returns whether the request names this host.
    pub(super) fn may_read(&self, headers: &HeaderMap) -> bool {
        let host = single_value(headers, &HOST);
        host.is_some_and(|host| self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host)))
    }

    /// Returns whether the request comes from the page itself.
    pub(super) fn may_write(&self, headers: &HeaderMap) -> bool {
        let origin = single_value(headers, &HOST).map(|host| format!("http://{host}"));
        self.may_read(headers)
            && single_value(headers, &ORIGIN) == origin.as_deref()
            && single_value(headers, &TOKEN) == Some(&self.token)
            && single_value(headers, &CONTENT_TYPE) == Some("application/json")
    }
}

/// Returns the header's value, if it stands there once.
fn single_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Returns 128 bits that cannot be guessed: the hasher's keys come from the operating system.
pub(super) fn secret() -> String {
    let half = || RandomState::new().hash_one("the sandbox's page");
    format!("{:016x}{:016x}", half(), half())
}
