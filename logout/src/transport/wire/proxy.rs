//! The choice of a proxy for each request.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderValue;
use percent_encoding::percent_decode_str;

use self::exception::Exceptions;
use crate::transport::Url;

mod exception;

/// The error for a proxy that answers 407.
pub(super) const WANTS_CREDENTIALS: &str =
    "the proxy asks for credentials, or for other ones (status 407)";

/// A proxy that is used over plain HTTP.
#[derive(Clone)]
pub(super) struct Proxy {
    address: Url,
    credentials: Option<HeaderValue>,
}

impl Proxy {
    /// Reads an address such as `http://user:password@proxy.example:3128`; the scheme may be
    /// missing, as curl allows, and the port is 80 then as in any other `http` address.
    fn parse(text: &str) -> Result<Self, ProxyError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        if scheme.starts_with("socks") {
            return Err(SOCKS);
        }
        if scheme == "https" {
            return Err(HTTPS);
        }
        if scheme != "http" {
            return Err(MALFORMED);
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A password may contain an `@`.
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        Ok(Self {
            address: Url::parse(&format!("http://{host}")).map_err(|_| MALFORMED)?,
            credentials: user.map(credentials).transpose()?,
        })
    }

    /// Returns the address at which it listens.
    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// Returns the value of `Proxy-Authorization`.
    pub(super) fn credentials(&self) -> Option<&HeaderValue> {
        self.credentials.as_ref()
    }
}

fn credentials(user: &str) -> Result<HeaderValue, ProxyError> {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let mut plain: Vec<u8> = percent_decode_str(user).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    let value = format!("Basic {}", BASE64.encode(plain));
    let mut value = HeaderValue::try_from(value).map_err(|_| MALFORMED)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The reason why a proxy cannot be used.
type ProxyError = &'static str;

const SOCKS: ProxyError = "it names a SOCKS proxy, which is not supported; \
                         name one that begins with `http://`";
const HTTPS: ProxyError = "it names a proxy that is reached over TLS, which is not supported; \
                         name one that begins with `http://`";
const MALFORMED: ProxyError = "it is not the address of a proxy; write `http://host:port`";

/// The setting of the proxy for one scheme.
#[derive(Clone, Default)]
enum ProxySetting {
    #[default]
    Direct,
    Proxy(Proxy),
    /// An invalid variable is not ignored: what should go through a proxy must not be sent without
    /// it.
    Wrong {
        variable: &'static str,
        why: ProxyError,
    },
}

impl ProxySetting {
    fn of(variable: &'static str, text: &str) -> Self {
        match Proxy::parse(text) {
            Ok(proxy) => Self::Proxy(proxy),
            Err(why) => Self::Wrong { variable, why },
        }
    }
}

/// The proxies of all requests.
#[derive(Clone, Default)]
pub(super) struct Proxies {
    http: ProxySetting,
    https: ProxySetting,
    except: Exceptions,
    /// The variable that `except` comes from.
    excepting: &'static str,
}

impl Proxies {
    /// Reads the variables that curl reads, in its order: the lower-case one goes first, and
    /// `HTTP_PROXY` is not among them.
    pub(super) fn from_environment(look_up: impl Fn(&str) -> Option<String>) -> Self {
        let first = |variables: &[&'static str]| {
            variables.iter().find_map(|variable| {
                let value = look_up(variable)?;
                let value = value.trim();
                (!value.is_empty()).then(|| (*variable, value.to_owned()))
            })
        };
        let setting = |variables: &[&'static str]| {
            first(variables).map_or(ProxySetting::Direct, |(variable, text)| {
                ProxySetting::of(variable, &text)
            })
        };
        let (excepting, except) = first(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
        Self {
            http: setting(&["http_proxy", "all_proxy", "ALL_PROXY"]),
            https: setting(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            except: Exceptions::parse(&except),
            excepting,
        }
    }

    /// Uses one proxy for everything but `except`.
    pub(super) fn single(proxy: &str, except: &str) -> Result<Self, String> {
        let proxy = Proxy::parse(proxy.trim()).map_err(|why| why.to_owned())?;
        let except = Exceptions::parse(except);
        if let Some(odd) = except.invalid_entries().first() {
            return Err(odd.clone());
        }
        let proxy = ProxySetting::Proxy(proxy);
        Ok(Self {
            http: proxy.clone(),
            https: proxy,
            except,
            excepting: "",
        })
    }

    /// Returns notes on invalid exceptions, if there is a proxy at all.
    pub(super) fn notes(&self) -> Vec<String> {
        let is_direct = |setting: &ProxySetting| matches!(setting, ProxySetting::Direct);
        if is_direct(&self.http) && is_direct(&self.https) {
            return Vec::new();
        }
        let odd = self.except.invalid_entries().iter();
        odd.map(|odd| format!("an entry of {} is ignored: {odd}", self.excepting))
            .collect()
    }

    /// Returns the proxy for this address, or `None` if it is reached directly.
    pub(super) fn route(&self, url: &Url) -> Result<Option<&Proxy>, String> {
        let setting = if url.is_secure() {
            &self.https
        } else {
            &self.http
        };
        match setting {
            ProxySetting::Direct => Ok(None),
            // A proxy would take `localhost` for itself.
            _ if url.is_loopback() || self.except.contains(url) => Ok(None),
            ProxySetting::Proxy(proxy) => Ok(Some(proxy)),
            ProxySetting::Wrong { variable, why } => {
                Err(format!("the variable {variable} cannot be used: {why}"))
            }
        }
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |setting: &ProxySetting| match setting {
            ProxySetting::Direct => "direct",
            ProxySetting::Proxy(_) => "by proxy",
            ProxySetting::Wrong { .. } => "unusable",
        };
        f.debug_struct("Proxies")
            .field("http", &word(&self.http))
            .field("https", &word(&self.https))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
