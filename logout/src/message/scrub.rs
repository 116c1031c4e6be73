//! Secrets taken out of what is sent.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::event::encoding::TRUNCATED;
use crate::text::list::sorted;
use crate::transport::{Secret, Url};

/// What stands where something was taken out.
pub(crate) const MASK: &str = "•••";

/// Shorter than this, a text is no secret and would tear holes into ordinary words.
const SHORTEST: usize = 4;

/// So many bytes of the beginning of a secret are taken out where a text is cut in it. Fewer give
/// little away, and could be met by chance.
const SHORTEST_BEGINNING: usize = 6;

/// After how many configurations that replaced it an old secret is forgotten. It may still be
/// valid, and in texts that wait.
const REMEMBERED: u8 = 8;

/// Knows every configured secret in every spelling in which it could turn up.
#[derive(Clone, Default)]
pub(crate) struct Scrubber {
    /// Longest first, so that a whole address goes before the token in it.
    spellings: Vec<Spelling>,
}

#[derive(Clone)]
struct Spelling {
    text: Secret,
    /// How many configurations ago it was last in use.
    replaced: u8,
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
                for kept in [NON_ALPHANUMERIC, RESERVED] {
                    let encoded = utf8_percent_encode(&text, kept).to_string();
                    spellings.push(lower_escapes(&encoded));
                    spellings.push(encoded);
                }
                spellings.push(STANDARD.encode(&text));
                spellings.push(URL_SAFE_NO_PAD.encode(&text));
                spellings.extend(inside_base64(&text));
                spellings.push(text.escape_debug().to_string());
                spellings.push(text);
            }
        }
        spellings.retain(|text| text.len() >= SHORTEST);
        let spellings = spellings.into_iter().map(|text| Spelling {
            text: Secret::new(text),
            replaced: 0,
        });
        Self::of(spellings.collect())
    }

    fn of(spellings: Vec<Spelling>) -> Self {
        let mut spellings = sorted(spellings, |a, b| {
            let (one, other) = (a.text.expose(), b.text.expose());
            let by_length = other.len().cmp(&one.len());
            by_length
                .then_with(|| one.cmp(other))
                .then_with(|| a.replaced.cmp(&b.replaced))
        });
        spellings.dedup_by(|later, first| later.text.expose() == first.text.expose());
        Self { spellings }
    }

    /// This one, which knows for a while the secrets too that it replaces.
    pub(crate) fn succeeding(self, before: &Self) -> Self {
        let known = before.spellings.iter();
        let older = known
            .filter(|spelling| spelling.replaced < REMEMBERED)
            .map(|spelling| Spelling {
                text: spelling.text.clone(),
                replaced: spelling.replaced + 1,
            });
        Self::of(self.spellings.into_iter().chain(older).collect())
    }

    /// The text with every secret replaced.
    pub(crate) fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for spelling in &self.spellings {
            let secret = spelling.text.expose();
            if text.contains(secret) {
                text = Cow::Owned(text.replace(secret, MASK));
            }
        }
        if let Some(kept) = text.strip_suffix(TRUNCATED)
            && let Some(begun) = self.begun_at_the_end(kept)
        {
            let whole = kept.get(..kept.len() - begun).unwrap_or_default();
            text = Cow::Owned([whole, MASK, TRUNCATED].concat());
        }
        text
    }

    /// How many bytes at the end of a text that was cut are the beginning of a secret. That of an
    /// address tells where it goes, which is none; what is secret in it is spelled by itself.
    fn begun_at_the_end(&self, text: &str) -> Option<usize> {
        let secrets = self.spellings.iter().map(|spelling| spelling.text.expose());
        let begun = secrets
            .filter(|secret| !secret.contains("://") && !secret.starts_with('/'))
            .filter_map(|secret| {
                (SHORTEST_BEGINNING..secret.len())
                    .rev()
                    .find(|length| secret.get(..*length).is_some_and(|b| text.ends_with(b)))
            });
        begun.max()
    }
}

/// Percent-encoding where signs that need none are kept, as forms and paths are written.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The escapes of a percent-encoded text in lower case, as some write them.
fn lower_escapes(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let mut lower = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

/// What stands in the base64 of every text that has this one in it, such as `user:password`: one
/// of three, by where it begins. The signs at both ends that hold bits of its neighbours are left
/// out.
fn inside_base64(text: &str) -> impl Iterator<Item = String> {
    let shifted = [("", 0), (" ", 2), ("  ", 3)].map(|(before, first)| {
        let bits = (before.len() + text.len()) * 8;
        let shifted = [before, text].concat();
        [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)]
            .map(|encoded| encoded.get(first..bits / 6).unwrap_or_default().to_owned())
    });
    // Shorter ones could be met by chance.
    shifted
        .into_iter()
        .flatten()
        .filter(|inside| inside.len() >= 8)
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
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{MASK, REMEMBERED, Scrubber};
    use crate::event::encoding::TRUNCATED;
    use crate::transport::Secret;

    fn scrubber(secrets: &[&str]) -> Scrubber {
        let secrets: Vec<_> = secrets
            .iter()
            .map(|text| Secret::new((*text).to_owned()))
            .collect();
        Scrubber::new(&secrets)
    }

    #[test]
    fn half_a_secret_at_a_cut_is_scrubbed_too() {
        let hook = "https://hooks.slack.com/services/T00000000/B00000000/XYZXYZXYZXYZXYZXYZXYZXYZ";
        let scrubber = scrubber(&[hook, "s3cret/key+1"]);
        for kept in 0..hook.len() {
            let text = format!("POST {}{TRUNCATED}", &hook[..kept]);
            let shown = scrubber.scrub(&text);
            assert!(!shown.contains("XYZXYZ"), "{shown}");
            assert!(shown.ends_with(TRUNCATED), "{shown}");
        }
        assert_eq!(scrubber.scrub("key s3cret/key"), "key s3cret/key");
        assert_eq!(
            scrubber.scrub(&format!("key s3cret/key{TRUNCATED}")),
            format!("key {MASK}{TRUNCATED}")
        );
    }

    #[test]
    fn a_replaced_secret_is_remembered_for_some_configurations() {
        let mut current = scrubber(&["old-secret-1"]);
        for number in 0..REMEMBERED {
            let newer = scrubber(&[&format!("new-secret-{number}x")]);
            current = newer.succeeding(&current);
            assert_eq!(current.scrub("old-secret-1"), MASK, "{number}");
        }
        current = scrubber(&["last-secret"]).succeeding(&current);
        assert_eq!(current.scrub("old-secret-1"), "old-secret-1");
        // One that stays is no older for it.
        for _ in 0..3 * REMEMBERED {
            current = scrubber(&["last-secret"]).succeeding(&current);
        }
        assert_eq!(current.scrub("last-secret"), MASK);
        assert_eq!(
            current.spellings.len(),
            scrubber(&["last-secret"]).spellings.len()
        );
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
        for text in [
            "s3cret/key+1",
            "s3cret%2Fkey%2B1",
            "s3cret%2fkey%2b1",
            "czNjcmV0L2tleSsx",
        ] {
            assert_eq!(scrubber.scrub(text), MASK, "{text}");
        }
    }

    #[test]
    fn a_secret_inside_of_base64_is_scrubbed_wherever_it_begins() {
        let scrubber = scrubber(&["s3cret/key+1"]);
        for login in ["", "a:", "ab:", "bot@example.org:", "bots@example.org:"] {
            let text = STANDARD.encode(format!("{login}s3cret/key+1"));
            let left = scrubber.scrub(&text).replace(MASK, "");
            assert!(left.len() + 12 < text.len(), "{text}: {left}");
            let whole = STANDARD.encode(format!("{login}s3cret/key+1 and more"));
            assert_ne!(scrubber.scrub(&whole), whole);
        }
    }

    #[test]
    fn escapes_in_lower_case_are_scrubbed_and_signs_that_need_none_are_kept() {
        let scrubber = scrubber(&["12:AA-b_c.d~"]);
        for text in ["12%3AAA-b_c.d~", "12%3aAA-b_c.d~", "12%3AAA%2Db%5Fc%2Ed%7E"] {
            assert_eq!(scrubber.scrub(text), MASK, "{text}");
        }
    }
}
