//! The mask of fields whose values are hidden because their names look like credentials.

use crate::block::mask::ambiguous_names;
use crate::block::mask::{MaskList, joined};
use crate::text::unicode::lowercase;

use self::name_match::LastWord;
pub(crate) use self::name_match::NameMatch;

mod name_match;

/// The names of fields whose values are hidden.
///
/// Names compare without case and without separators: `access_token` covers `accessToken`,
/// `access-tokens` and `x.accesstoken`.
#[derive(Clone, Debug)]
pub(crate) struct Mask {
    list: MaskList,
    entries: Vec<MaskedName>,
    /// The letters that entries begin with, a bit each.
    firsts: u64,
    /// The same of those that may begin inside a word.
    firsts_inside: u64,
}

/// One name of the list.
#[derive(Clone, Debug)]
struct MaskedName {
    /// Its letters and digits alone, in lower case.
    letters: String,
    place: MatchPlace,
}

/// The places in a field's name at which an entry of the list matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MatchPlace {
    /// As whole words.
    Words,
    /// At the end of a word too, since programs join words without a separator: `accesstoken`.
    End,
    /// As the last word alone: `db_pass`, and not `pass_rate`.
    Last,
}

/// Names that no other word ends with.
#[rustfmt::skip]
const UNAMBIGUOUS: [&str; 14] = [
    "accesskey", "apikey", "cookie", "credential", "dbpass", "passphrase", "passwd", "password",
    "privatekey", "secret", "secretkey", "sessid", "sessionid", "token",
];

/// The words that may follow a name of the list and describe the credential: a value of that form
/// is then shown.
#[rustfmt::skip]
const DESCRIBING_WORDS: [(LastWord, &[&str]); 5] = [
    (LastWord::Kind, &[
        "alg", "algorithm", "backend", "enabled", "error", "id", "kind", "method", "mode", "name",
        "policy", "provider", "reason", "required", "result", "scheme", "scope", "state", "status",
        "store", "strategy", "type",
    ]),
    (LastWord::Measure, &[
        "age", "at", "attempts", "count", "expires", "expiry", "in", "len", "length", "limit", "ms",
        "size", "time", "timeout", "ttl", "version",
    ]),
    (LastWord::Host, &["domain", "host"]),
    // A login in an address is recognised by its form.
    (LastWord::Place, &["arn", "dir", "endpoint", "file", "path", "uri", "url"]),
    (LastWord::Reference, &["ref"]),
];

/// The longest name that is checked without an allocation, in bytes.
const NAME: usize = 64;

impl Default for Mask {
    fn default() -> Self {
        Self::new(MaskList::default())
    }
}

impl Mask {
    pub(crate) fn new(list: MaskList) -> Self {
        let has_pass = list.names().iter().any(|name| name == "pass");
        let entries = list.names().iter().map(|name| MaskedName::new(name));
        let entries = entries.filter(|entry| !entry.letters.is_empty());
        let entries: Vec<_> = entries
            .chain(has_pass.then(|| MaskedName::new("dbpass")))
            .collect();
        Self {
            firsts: firsts(&entries, |_| true),
            firsts_inside: firsts(&entries, |entry| entry.place == MatchPlace::End),
            entries,
            list,
        }
    }

    /// Returns the mask with `entries` applied, which add names or, with a `-`, remove them.
    ///
    /// # Errors
    ///
    /// Describes what is wrong with an entry.
    pub(crate) fn changed(&self, entries: &[String]) -> Result<Self, String> {
        self.list.changed(entries).map(Self::new)
    }

    /// Returns whether the name of a field looks like a credential.
    pub(crate) fn covers(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Returns whether a field of this name is shown without this value.
    pub(crate) fn hides(&self, name: &str, value: &str) -> bool {
        self.find(name).is_some_and(|covered| covered.hides(value))
    }

    /// Returns the match of a name of the list in this name.
    pub(crate) fn find(&self, name: &str) -> Option<NameMatch> {
        let mut letters = [0; NAME];
        let mut starts = [false; NAME];
        let mut length = 0;
        let is_short = name.is_ascii() && name.len() <= NAME;
        if !is_short {
            let (mut letters, mut starts) = (Vec::new(), Vec::new());
            split(name, |letter, is_start| {
                letters.push(letter);
                starts.push(is_start);
            });
            return self.find_in(&letters, &starts);
        }
        split(name, |letter, is_start| {
            if let (Some(at), Some(starts)) = (letters.get_mut(length), starts.get_mut(length)) {
                (*at, *starts) = (letter, is_start);
                length += 1;
            }
        });
        self.find_in(letters.get(..length)?, starts.get(..length)?)
    }

    /// Returns the same for a name of these `letters`, whose words begin where `starts` is true.
    fn find_in(&self, letters: &[u8], starts: &[bool]) -> Option<NameMatch> {
        let is_end = |at: usize| starts.get(at).copied().unwrap_or(true);
        let mut found: Option<NameMatch> = None;
        let mut ends_in_one = false;
        for (at, &letter) in letters.iter().enumerate() {
            let is_start = starts.get(at).copied().unwrap_or_default();
            let firsts = if is_start {
                self.firsts
            } else {
                self.firsts_inside
            };
            if firsts & bit(letter) == 0 {
                continue;
            }
            let rest = letters.get(at..).unwrap_or_default();
            for entry in &self.entries {
                if !(is_start || entry.place == MatchPlace::End)
                    || !rest.starts_with(entry.letters.as_bytes())
                {
                    continue;
                }
                let end = at + entry.letters.len();
                let plural = letters.get(end) == Some(&b's') && !is_end(end) && is_end(end + 1);
                let end = end + usize::from(plural);
                let last = end == letters.len();
                if !is_end(end) || (entry.place == MatchPlace::Last && !last) {
                    continue;
                }
                let found = found.get_or_insert_default();
                found.last |= last;
                found.plural |= plural;
                ends_in_one |= last && !plural;
                found.pass |= entry.letters == "pass" && at == 0;
                found.session |= entry.letters == "session" && last;
                found.token |= entry.letters == "token" && last;
                found.directory |= entry.letters == "pwd" && at == 0 && last;
            }
        }
        let Some(mut found) = found else {
            let is_start = |at: usize| starts.get(at).copied().unwrap_or_default();
            let (name, looks) = ambiguous_names::find(letters, is_start)?;
            return self
                .list
                .decides_by_value(name)
                .then(|| NameMatch::judged(looks));
        };
        let begin = starts.iter().rposition(|is_start| *is_start).unwrap_or(0);
        let last = letters.get(begin..).unwrap_or_default();
        let is_said = |words: &[&str]| words.iter().any(|word| word.as_bytes() == last);
        let mut saying = DESCRIBING_WORDS.iter().filter(|(_, words)| is_said(words));
        found.last_word = saying.next().map(|(last_word, _)| *last_word);
        found.plural &= !ends_in_one;
        Some(found)
    }
}

impl MaskedName {
    fn new(name: &str) -> Self {
        let letters = joined(name);
        let place = match letters.as_str() {
            "pass" => MatchPlace::Last,
            known if UNAMBIGUOUS.contains(&known) => MatchPlace::End,
            _ => MatchPlace::Words,
        };
        Self { letters, place }
    }
}

/// Returns the set of first letters of the entries that `count` accepts, a bit each.
fn firsts(entries: &[MaskedName], count: impl Fn(&MaskedName) -> bool) -> u64 {
    let entries = entries.iter().filter(|entry| count(entry));
    let first = |entry: &MaskedName| entry.letters.bytes().next().map_or(0, bit);
    entries.fold(0, |bits, entry| bits | first(entry))
}

/// Returns the bit of a byte; letters have one each.
fn bit(letter: u8) -> u64 {
    1 << (letter & 63)
}

/// Calls `tell` with every letter and digit of a name, in lower case, and whether a word begins
/// with it: `x-authTokenID` is `x`, `auth`, `token` and `id`.
fn split(name: &str, mut tell: impl FnMut(u8, bool)) {
    let mut before = None::<char>;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() {
            let is_start = match before {
                Some(before) if !before.is_alphanumeric() => true,
                Some(before) if c.is_uppercase() => {
                    before.is_lowercase() || chars.peek().is_some_and(|next| next.is_lowercase())
                }
                Some(before) => c.is_numeric() != before.is_numeric(),
                None => true,
            };
            if c.is_ascii() {
                tell(c.to_ascii_lowercase() as u8, is_start);
            } else {
                let mut is_start = is_start;
                for lower in lowercase(c).filter(|c| c.is_alphanumeric()) {
                    for byte in lower.encode_utf8(&mut [0; 4]).bytes() {
                        tell(byte, std::mem::take(&mut is_start));
                    }
                }
            }
        }
        before = Some(c);
    }
}

#[cfg(test)]
mod tests;
