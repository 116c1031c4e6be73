//! The configured secrets, in every spelling that a text may contain.
//!
//! Each secret has some dozens of spellings, and a program may have dozens of secrets, so a text is
//! searched once for all of them: four bytes that no spelling begins with are skipped after one
//! look into a table of bits.

use std::borrow::Cow;
use std::fmt;

use crate::event::encoding::TRUNCATED;
use crate::text::prefix;
use crate::transport::Secret;

use super::spellings::spellings;
use super::{CUTS, MASK};

/// The fewest bytes of a secret: removing a shorter one would damage ordinary words. If a text is
/// cut inside a secret, this many bytes of it are removed, too.
const SHORTEST: usize = 4;

/// The configurations after which a replaced secret is forgotten. It may still be valid, and in
/// texts that wait.
const REMEMBERED: u8 = 8;

/// All configured secrets in every spelling that a text may contain.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    /// Sorted by their bytes, without duplicates.
    spellings: Vec<Spelling>,
    starts: Starts,
    /// The length of the longest.
    longest: usize,
}

#[derive(Clone)]
struct Spelling {
    text: Secret,
    /// Whether its beginning is secret.
    from_start: bool,
    /// The longest other spelling that it begins with.
    shorter: Option<usize>,
    /// The number of configurations since it was last in use.
    replaced: u8,
}

impl Secrets {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        let mut all = Vec::new();
        for secret in secrets {
            for (text, from_start) in spellings(secret.expose()) {
                all.push(Spelling {
                    text: Secret::new(text),
                    from_start,
                    shorter: None,
                    replaced: 0,
                });
            }
        }
        Self::of(all)
    }

    fn of(mut all: Vec<Spelling>) -> Self {
        all.retain(|spelling| spelling.text().len() >= SHORTEST);
        let mut spellings: Vec<Spelling> = Vec::new();
        for spelling in all {
            match spellings.binary_search_by(|known| known.text().cmp(spelling.text())) {
                Err(place) => spellings.insert(place, spelling),
                Ok(place) => {
                    if let Some(known) = spellings.get_mut(place) {
                        known.from_start |= spelling.from_start;
                        known.replaced = known.replaced.min(spelling.replaced);
                    }
                }
            }
        }
        for place in 1..spellings.len() {
            let (before, rest) = spellings.split_at_mut(place);
            if let Some(spelling) = rest.first_mut() {
                spelling.shorter = longest_start(before, place - 1, spelling.text());
            }
        }
        Self {
            starts: Starts::of(&spellings),
            longest: spellings
                .iter()
                .map(|one| one.text().len())
                .max()
                .unwrap_or(0),
            spellings,
        }
    }

    /// Adds for a while the secrets of its predecessor.
    pub(super) fn with_secrets_of(self, before: &Self) -> Self {
        let known = before.spellings.iter();
        let older = known
            .filter(|spelling| spelling.replaced < REMEMBERED)
            .map(|spelling| Spelling {
                replaced: spelling.replaced + 1,
                ..spelling.clone()
            });
        let mut all = self.spellings;
        all.extend(older);
        Self::of(all)
    }

    /// Replaces every secret, and the rest of a cut one. Of overlapping secrets nothing remains.
    pub(super) fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let is_cut = CUTS.iter().any(|cut| text.contains(cut));
        let mut scrubbed = String::new();
        // The part of the text that is either in `scrubbed` or replaced.
        let mut done = 0;
        for (start, four) in text.as_bytes().windows(SHORTEST).enumerate() {
            if !self.starts.contain(four) {
                continue;
            }
            let Some(rest) = text.get(start..) else {
                continue;
            };
            let end = start + self.secret_at(rest, is_cut).unwrap_or_default();
            if end <= done.max(start) {
                continue;
            }
            if start >= done {
                scrubbed.push_str(text.get(done..start).unwrap_or_default());
                scrubbed.push_str(MASK);
            }
            done = end;
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        scrubbed.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(scrubbed)
    }

    /// Returns the length of the secret that this text begins with.
    fn secret_at(&self, text: &str, is_cut: bool) -> Option<usize> {
        let after = self.spellings.partition_point(|one| one.text() <= text);
        let whole = after
            .checked_sub(1)
            .and_then(|last| longest_start(&self.spellings, last, text))
            .and_then(|place| self.spellings.get(place))
            .map(|spelling| spelling.text().len());
        let cut = is_cut.then(|| self.begun_before_cut(text)).flatten();
        whole.max(cut)
    }

    /// Returns the same for a secret that is cut.
    fn begun_before_cut(&self, text: &str) -> Option<usize> {
        let near = prefix(text, self.longest + TRUNCATED.len());
        let cut = CUTS.iter().filter_map(|cut| near.find(cut)).min()?;
        let begun = text.get(..cut).filter(|begun| begun.len() >= SHORTEST)?;
        let first = self.spellings.partition_point(|one| one.text() < begun);
        let same = self.spellings.iter().skip(first);
        let mut same = same.take_while(|one| one.text().starts_with(begun));
        same.any(|one| one.from_start).then_some(cut)
    }
}

impl Spelling {
    fn text(&self) -> &str {
        self.text.expose()
    }
}

/// Returns the index of the longest spelling that `text` begins with, where `last` is that of the
/// last one not after it: any common beginning of the two is one of the text, too.
fn longest_start(spellings: &[Spelling], last: usize, text: &str) -> Option<usize> {
    let mut place = Some(last);
    while let Some(spelling) = place.and_then(|place| spellings.get(place)) {
        if text.starts_with(spelling.text()) {
            return place;
        }
        place = spelling.shorter;
    }
    None
}

/// The beginnings of all spellings: a bit for each hash of four bytes.
#[derive(Clone, Default)]
struct Starts {
    bits: Vec<u64>,
    /// The shift that makes a hash the number of a bit.
    shift: u32,
}

impl Starts {
    /// Makes a table of 32 bits for each spelling, so that other text is rarely looked at twice.
    fn of(spellings: &[Spelling]) -> Self {
        let bits = (spellings.len() * 32).next_power_of_two().max(64);
        let mut starts = Self {
            bits: vec![0; bits / 64],
            shift: u32::BITS - bits.trailing_zeros(),
        };
        for spelling in spellings {
            if let Some(four) = spelling.text().as_bytes().get(..SHORTEST)
                && let (word, bit) = starts.place(four)
                && let Some(word) = starts.bits.get_mut(word)
            {
                *word |= 1 << bit;
            }
        }
        starts
    }

    #[inline]
    fn contain(&self, four: &[u8]) -> bool {
        let (word, bit) = self.place(four);
        self.bits.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    #[inline]
    fn place(&self, four: &[u8]) -> (usize, u32) {
        let four = four.first_chunk().copied().map_or(0, u32::from_le_bytes);
        // The multiplier is 2^32 divided by the golden ratio (Knuth, TAOCP 3, section 6.4).
        let bit = four.wrapping_mul(0x9e37_79b9) >> self.shift;
        ((bit / 64) as usize, bit % 64)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} spellings)", self.spellings.len())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::{MASK, REMEMBERED, SHORTEST, Secrets};
    use crate::event::encoding::TRUNCATED;
    use crate::transport::Secret;

    fn scrubber(secrets: &[&str]) -> Secrets {
        let secrets: Vec<_> = secrets
            .iter()
            .map(|text| Secret::new((*text).to_owned()))
            .collect();
        Secrets::new(&secrets)
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
            scrubber.scrub(&format!("sent s3cret/k{TRUNCATED}: refused s3cr… (404)")),
            format!("sent {MASK}{TRUNCATED}: refused {MASK}… (404)")
        );
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
            current = newer.with_secrets_of(&current);
            assert_eq!(current.scrub("old-secret-1"), MASK, "{number}");
        }
        current = scrubber(&["last-secret"]).with_secrets_of(&current);
        assert_eq!(current.scrub("old-secret-1"), "old-secret-1");
        // A secret that stays in use does not age.
        for _ in 0..3 * REMEMBERED {
            current = scrubber(&["last-secret"]).with_secrets_of(&current);
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

    #[test]
    fn ids_beside_a_token_are_no_secrets() {
        let discord =
            "https://discord.com/api/webhooks/123456789012345678/abcDEF0123456789_-ghiJKL";
        let slack = "https://hooks.slack.com/services/T00000000/B00000000/XYZXYZXYZXYZXYZXYZXYZXYZ";
        let scrubber = scrubber(&[discord, slack]);
        for text in [
            "webhook 123456789012345678 of T00000000/B00000000",
            "api/webhooks",
        ] {
            assert!(matches!(scrubber.scrub(text), Cow::Borrowed(_)), "{text}");
        }
        let shown = scrubber
            .scrub("123456789012345678/abcDEF0123456789_-ghiJKL")
            .into_owned();
        assert_eq!(shown, format!("123456789012345678/{MASK}"));
        // If there is nothing longer that could be the secret, it may be this.
        let short = self::scrubber(&["https://example.org/hook/k3y12345"]);
        assert_eq!(short.scrub("k3y12345"), MASK);
    }

    proptest! {
        /// Checks that the output is the text in its order without any secret.
        #[test]
        fn of_secrets_that_overlap_nothing_remains(
            secrets in prop::collection::vec("[ab]{4,9}", 1..12),
            text in "[abc]{0,60}",
        ) {
            let secrets: Vec<_> = secrets.into_iter().map(Secret::new).collect();
            let scrubber = Secrets::new(&secrets);
            let mut is_secret = vec![false; text.len()];
            for spelling in scrubber.spellings.iter().map(super::Spelling::text) {
                for start in 0..text.len() {
                    if text[start..].starts_with(spelling) {
                        is_secret[start..start + spelling.len()].fill(true);
                    }
                }
            }
            let kept = text.bytes().zip(&is_secret).filter(|(_, secret)| !**secret);
            let kept: Vec<_> = kept.map(|(byte, _)| byte).collect();
            prop_assert_eq!(scrubber.scrub(&text).replace(MASK, "").into_bytes(), kept);
        }

        #[test]
        fn nothing_of_a_secret_is_left_at_a_cut(
            secrets in prop::collection::vec("[!-~]{8,40}", 1..6),
            length in 0_usize..40,
            which in any::<prop::sample::Index>(),
        ) {
            let secrets: Vec<_> = secrets.into_iter().map(Secret::new).collect();
            let secret = which.get(&secrets).expose();
            let begun = &secret[..length.min(secret.len())];
            let text = format!("key {begun}{TRUNCATED}: refused");
            let shown = Secrets::new(&secrets).scrub(&text).into_owned();
            prop_assert!(begun.len() < SHORTEST || !shown.contains(begun), "{}", shown);
        }

        #[test]
        fn any_text_is_scrubbed(secrets in prop::collection::vec(any::<String>(), 0..4), text in any::<String>()) {
            let all = secrets.concat();
            let secrets: Vec<_> = secrets.into_iter().map(Secret::new).collect();
            let scrubber = Secrets::new(&secrets);
            let _no_panic = scrubber.scrub(&format!("{text}{all}…{text}"));
        }
    }
}
