//! Secrets taken out of what is sent.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::order::sorted;
use crate::{Secret, Url};

/// What stands where something was taken out.
pub(crate) const MASK: &str = "•••";

/// Shorter than this, a text is no secret and would tear holes into ordinary words.
const SHORTEST: usize = 4;

/// Knows every configured secret in every spelling in which it could turn up.
#[derive(Clone, Default)]
pub(crate) struct Scrubber {
    /// Longest first, so that a whole address goes before the token in it.
    spellings: Vec<Secret>,
}

impl Scrubber {
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let mut spellings: Vec<String> = Vec::new();
        for secret in secrets {
            let text = secret.expose();
            let mut plain = vec![text.to_owned()];
            if let Ok(url) = Url::parse(text) {
                plain = address_parts(&url);
            }
            for text in plain {
                spellings.push(utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string());
                spellings.push(STANDARD.encode(&text));
                spellings.push(URL_SAFE_NO_PAD.encode(&text));
                spellings.push(text);
            }
        }
        spellings.retain(|text| text.len() >= SHORTEST);
        let mut spellings = sorted(spellings, |a, b| {
            b.len().cmp(&a.len()).then_with(|| a.cmp(b))
        });
        spellings.dedup();
        Self {
            spellings: spellings.into_iter().map(Secret::new).collect(),
        }
    }

    /// The text with every secret replaced.
    pub(crate) fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for spelling in &self.spellings {
            if text.contains(spelling.expose()) {
                text = Cow::Owned(text.replace(spelling.expose(), MASK));
            }
        }
        text
    }
}

/// The parts of a secret address that give it away: the whole, the path, and each segment that
/// looks like a token rather than a word of the route.
fn address_parts(url: &Url) -> Vec<String> {
    let path = url.path_and_query();
    let tokens = path.split(['/', '?', '&', '=']).filter(|segment| {
        segment.len() >= 16
            || (segment.len() >= 8 && segment.bytes().any(|byte| byte.is_ascii_digit()))
    });
    let mut parts: Vec<String> = tokens.map(str::to_owned).collect();
    if path.len() > 1 {
        parts.push(path.to_owned());
        parts.push(url.as_str().to_owned());
    }
    parts
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scrubber({} spellings)", self.spellings.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{MASK, Scrubber};
    use crate::Secret;

    fn scrubber(secrets: &[&str]) -> Scrubber {
        let secrets: Vec<_> = secrets
            .iter()
            .map(|text| Secret::new((*text).to_owned()))
            .collect();
        Scrubber::new(&secrets)
    }

    #[test]
    fn a_webhook_is_scrubbed_whole_and_in_parts() {
        let hook = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
        let scrubber = scrubber(&[hook]);
        assert_eq!(
            scrubber.scrub(&format!("POST {hook} failed")),
            format!("POST {MASK} failed")
        );
        assert!(
            !scrubber
                .scrub("path /services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX")
                .contains("XXXX")
        );
        assert_eq!(
            scrubber.scrub("token XXXXXXXXXXXXXXXXXXXXXXXX"),
            format!("token {MASK}")
        );
        assert_eq!(
            scrubber.scrub("services at hooks.slack.com"),
            "services at hooks.slack.com"
        );
    }

    #[test]
    fn every_encoding_is_scrubbed() {
        let scrubber = scrubber(&["s3cret/key+1"]);
        for text in ["s3cret/key+1", "s3cret%2Fkey%2B1", "czNjcmV0L2tleSsx"] {
            assert_eq!(scrubber.scrub(text), MASK, "{text}");
        }
    }
}
