//! The exceptions that `NO_PROXY` names.

use std::net::IpAddr;

use super::super::connect::without_brackets;
use crate::transport::Url;

/// Hosts that are reached without a proxy.
///
/// Entries are separated by commas or blanks: `*`, a host name (which stands for the hosts below
/// it too, with or without a dot before it), an IP address, or a network such as `10.0.0.0/8`;
/// all but `*` and networks may name a port.
#[derive(Clone, Default)]
pub(super) struct Exceptions {
    hosts: Vec<Exception>,
    /// Notes on the invalid entries.
    invalid_entries: Vec<String>,
}

#[derive(Clone)]
enum Exception {
    All,
    Name { name: String, port: Option<u16> },
    Address { ip: IpAddr, port: Option<u16> },
    Network { base: IpAddr, bits: u32 },
}

impl Exceptions {
    pub(super) fn parse(text: &str) -> Self {
        let mut exceptions = Self::default();
        let entries = text.split([',', ' ', '\t']);
        for entry in entries.filter(|entry| !entry.is_empty()) {
            match Exception::parse(entry) {
                Some(exception) => exceptions.hosts.push(exception),
                // It may be a proxy's address with a password, so it is not quoted.
                None if entry.contains('@') => exceptions
                    .invalid_entries
                    .push(invalid_entry_note("an entry with an `@`")),
                None => exceptions
                    .invalid_entries
                    .push(invalid_entry_note(&format!("`{entry}`"))),
            }
        }
        exceptions
    }

    pub(super) fn invalid_entries(&self) -> &[String] {
        &self.invalid_entries
    }

    /// Returns whether the host of `url` is among them.
    pub(super) fn contains(&self, url: &Url) -> bool {
        let host = without_brackets(url.host());
        let ip = host.parse().ok();
        self.hosts
            .iter()
            .any(|exception| exception.holds(host, ip, url.port()))
    }
}

impl Exception {
    fn parse(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self::All);
        }
        if let Some((base, bits)) = entry.split_once('/') {
            let base = without_brackets(base).parse().ok()?;
            let bits = bits.parse().ok()?;
            return (bits <= width(base)).then_some(Self::Network { base, bits });
        }
        if let Ok(ip) = without_brackets(entry).parse() {
            return Some(Self::Address { ip, port: None });
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (entry, None),
        };
        if let Ok(ip) = without_brackets(host).parse() {
            return Some(Self::Address { ip, port });
        }
        let name = host.trim_start_matches("*.").trim_matches('.');
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        (!name.is_empty() && name.chars().all(is_name)).then(|| Self::Name {
            name: name.to_ascii_lowercase(),
            port,
        })
    }

    fn holds(&self, host: &str, ip: Option<IpAddr>, at: u16) -> bool {
        match self {
            Self::All => true,
            Self::Address { ip: own, port } => ip == Some(*own) && port.is_none_or(|own| own == at),
            Self::Network { base, bits } => ip.is_some_and(|ip| is_within(ip, *base, *bits)),
            Self::Name { name, port } => {
                ip.is_none()
                    && port.is_none_or(|own| own == at)
                    && host
                        .trim_end_matches('.')
                        .strip_suffix(name.as_str())
                        .is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
        }
    }
}

fn invalid_entry_note(entry: &str) -> String {
    format!(
        "{entry} is not a host, address or network; write `example.org`, `10.1.2.3` or `10.0.0.0/8`"
    )
}

fn width(ip: IpAddr) -> u32 {
    if ip.is_ipv4() { 32 } else { 128 }
}

/// Returns whether the first `bits` bits of both are the same.
fn is_within(ip: IpAddr, base: IpAddr, bits: u32) -> bool {
    let difference = match (ip, base) {
        (IpAddr::V4(ip), IpAddr::V4(base)) => u128::from(ip.to_bits() ^ base.to_bits()),
        (IpAddr::V6(ip), IpAddr::V6(base)) => ip.to_bits() ^ base.to_bits(),
        _ => return false,
    };
    difference
        .checked_shr(width(base).saturating_sub(bits))
        .unwrap_or(0)
        == 0
}

#[cfg(test)]
mod tests {
    use super::Exceptions;
    use crate::transport::Url;

    fn holds(exceptions: &str, url: &str) -> bool {
        Exceptions::parse(exceptions).contains(&Url::parse(url).unwrap())
    }

    #[test]
    fn every_form_of_entry_holds_what_it_names_and_no_more() {
        for (exceptions, url, expected) in [
            ("", "https://a.example", false),
            ("*", "https://a.example", true),
            ("example.org", "https://example.org", true),
            ("example.org", "https://EXAMPLE.org.", true),
            ("example.org", "https://chat.example.org", true),
            (".example.org", "https://chat.example.org", true),
            ("*.example.org", "https://chat.example.org", true),
            ("example.org", "https://notexample.org", false),
            ("example.org", "https://example.org.evil.net", false),
            ("other.net, example.org", "https://example.org", true),
            ("other.net example.org", "https://example.org", true),
            ("example.org:8443", "https://example.org:8443", true),
            ("example.org:8443", "https://example.org", false),
            ("10.1.2.3", "http://10.1.2.3", true),
            ("10.1.2.3", "http://10.1.2.30", false),
            ("10.1.2.3:80", "http://10.1.2.3", true),
            ("10.1.2.3:81", "http://10.1.2.3", false),
            ("10.0.0.0/8", "http://10.255.2.3", true),
            ("10.0.0.0/8", "http://11.0.0.1", false),
            ("0.0.0.0/0", "http://11.0.0.1", true),
            ("10.0.0.0/33", "http://10.0.0.0", false),
            ("10.0.0.0/8", "http://[fd00::1]", false),
            ("fd00::1", "http://[fd00::1]:3000", true),
            ("[fd00::1]:3000", "http://[fd00::1]:3000", true),
            ("[fd00::1]:3000", "http://[fd00::1]:3001", false),
            ("fd00::/8", "http://[fd12::1]", true),
            ("fd00::/8", "http://[fe12::1]", false),
            ("::/0", "http://[fe12::1]", true),
            ("fd00::/129", "http://[fd00::]", false),
            ("0.0.0.1", "https://10.0.0.0.1", false),
            (
                "example.org:x, :, ., /, 1.2.3.4/x",
                "https://example.org",
                false,
            ),
        ] {
            assert_eq!(holds(exceptions, url), expected, "{exceptions:?} {url}");
        }
    }

    #[test]
    fn every_entry_that_names_nothing_is_told() {
        for (exceptions, told) in [
            ("", 0),
            ("*, .example.org, *.example.org, a_b-c.example:80", 0),
            ("10.0.0.0/8 fd00::/8 [fd00::1]:3000 ::1", 0),
            ("10.0.0.0/33", 1),
            ("fd00::/129,1.2.3.4/x", 2),
            ("https://example.org", 1),
            ("example.org:x, :, ., /", 4),
            ("exam*ple.org bücher.example", 2),
        ] {
            let odd = Exceptions::parse(exceptions).invalid_entries().to_vec();
            assert_eq!(odd.len(), told, "{exceptions:?}: {odd:?}");
        }
        let odd = Exceptions::parse("http://me:s3cret@proxy.example")
            .invalid_entries()
            .join("");
        assert!(
            odd.contains("an entry with an `@`") && !odd.contains("s3cret"),
            "{odd}"
        );
    }
}
