//! The names of the fields that are shown without their values: a default list, and what a block,
//! its configuration and a running program add to it and take away from it.

use crate::text::unicode::lowercase;

pub(crate) mod ambiguous_names;

/// The word for the default list.
const DEFAULT: &str = "default";

/// The default list, as the documentation of the setting `mask` has it. What Sentry's SDKs mask
/// (`DEFAULT_DENYLIST` of `sentry_sdk/scrubber.py`) is covered by it.
#[rustfmt::skip]
const DEFAULT_NAMES: [&str; 36] = [
    "access_key", "api_key", "auth", "authorization", "bearer", "connect.sid", "connection_string",
    "cookie", "cred", "credential", "csrf", "cvc", "cvv", "dsn", "encryption_key", "jwt", "otp",
    "pass", "passcode", "passphrase", "passwd", "password", "private_key", "pwd", "secret",
    "secret_key", "sessid", "session", "session_id", "signature", "signing_key", "symfony", "token",
    "totp", "webhook_url", "xsrf",
];

/// The error for an empty list.
const EMPTY: &str = "it is empty, but a list only adds to the default one; remove it to keep the \
default, or write `-default` to show the values of all fields";

/// The error for a list with something other than names.
const NO_NAME: &str = "it contains something that is not a field's name; names have letters, \
digits, `_`, `-` and `.`, and are separated by commas";

/// The names of masked fields that are in effect.
///
/// It begins with the default list. Only `-default` and `-name` remove from it, so that no slip of
/// the pen can show what must stay hidden.
#[derive(Clone, Debug)]
pub(crate) struct MaskList {
    names: Vec<String>,
    /// The names from [`ambiguous_names`] that were removed from the list.
    removed_ambiguous: Vec<String>,
    /// Whether any name from [`ambiguous_names`] is in effect.
    decides_by_value: bool,
}

impl Default for MaskList {
    fn default() -> Self {
        Self {
            names: DEFAULT_NAMES.iter().map(|&name| name.to_owned()).collect(),
            removed_ambiguous: Vec::new(),
            decides_by_value: true,
        }
    }
}

impl MaskList {
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns whether the value decides for this name, given by its letters.
    pub(crate) fn decides_by_value(&self, letters: &str) -> bool {
        self.decides_by_value && !self.removed_ambiguous.iter().any(|name| name == letters)
    }

    /// Returns the list after `entries`: `name` adds, `-name` takes away, and `default` stands for
    /// the default list.
    ///
    /// # Errors
    ///
    /// What is wrong with an entry, without quoting it; also if one removes a name that is not in
    /// the list.
    pub(crate) fn changed<E: AsRef<str>>(&self, entries: &[E]) -> Result<Self, String> {
        check_entries(entries)?;
        let mut changed = self.clone();
        for entry in entries {
            let entry = entry.as_ref().trim();
            match entry.strip_prefix('-') {
                Some(name) if !changed.remove_name(name) => {
                    return Err(not_in_the_list(name, &self.names));
                }
                Some(_) => {}
                None => changed.add(entry),
            }
        }
        Ok(changed)
    }

    /// Returns the list after `entries`, ignoring those that are wrong.
    pub(crate) fn changed_ignoring_errors<E: AsRef<str>>(&self, entries: &[E]) -> Self {
        entries.iter().fold(self.clone(), |list, entry| {
            list.changed(&[entry]).unwrap_or(list)
        })
    }

    fn add(&mut self, name: &str) {
        if is_default(name) {
            DEFAULT_NAMES.iter().for_each(|name| self.add(name));
            self.removed_ambiguous.clear();
            self.decides_by_value = true;
        } else if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    /// Removes a name, or the default list; returns whether there was something to remove.
    fn remove_name(&mut self, name: &str) -> bool {
        let before = self.names.len();
        if is_default(name) {
            let is_default =
                |known: &String| DEFAULT_NAMES.iter().any(|name| is_same_name(known, name));
            self.names.retain(|known| !is_default(known));
            self.decides_by_value = false;
            return true;
        }
        let letters = joined(name);
        if ambiguous_names::is_known(&letters) {
            self.removed_ambiguous.push(letters);
            self.names.retain(|known| !is_same_name(known, name));
            return true;
        }
        self.names.retain(|known| !is_same_name(known, name));
        self.names.len() < before
    }
}

/// Checks `entries` as far as that is possible without the list that they change.
///
/// # Errors
///
/// What is wrong, without quoting it.
pub(crate) fn check_entries<E: AsRef<str>>(entries: &[E]) -> Result<(), String> {
    if entries.iter().all(|entry| entry.as_ref().trim().is_empty()) {
        return Err(EMPTY.to_owned());
    }
    for entry in entries {
        let entry = entry.as_ref().trim();
        let name = entry.strip_prefix('-').unwrap_or(entry);
        let is_name = name
            .chars()
            .all(|c| c.is_alphanumeric() || "_-.".contains(c));
        if !is_name || name.is_empty() {
            return Err(NO_NAME.to_owned());
        }
        if !is_default(name) && strsim::osa_distance(&lower_case(name), DEFAULT) <= MAX_TYPOS {
            let sign = if name == entry { "" } else { "-" };
            return Err(format!("did you mean `{sign}{DEFAULT}`"));
        }
        if name != entry
            && !is_default(name)
            && !ambiguous_names::is_known(&joined(name))
            && !DEFAULT_NAMES.iter().any(|known| is_same_name(known, name))
        {
            let near = nearest(name, DEFAULT_NAMES.iter().copied());
            if near.is_some() {
                return Err(not_in_the_list(name, &[]));
            }
        }
    }
    Ok(())
}

/// The most letters in which a misspelt name may differ.
const MAX_TYPOS: usize = 2;

/// Returns the error for removing a name that is not in the list.
fn not_in_the_list(name: &str, names: &[String]) -> String {
    let known = names.iter().map(String::as_str).chain(DEFAULT_NAMES);
    let advice = match nearest(name, known) {
        Some(near) => format!("did you mean `-{near}`"),
        None => {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("it holds {}", names.join(", "))
        }
    };
    format!("it removes a name that is not in the list: {advice}")
}

/// Returns the one of `known` that `name` is probably meant to be.
fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name = lower_case(name);
    known
        .map(|known| (strsim::osa_distance(&name, known), known))
        .filter(|(distance, known)| *distance <= MAX_TYPOS.min(known.len() / 3))
        .min()
        .map(|(_, known)| known)
}

fn is_default(name: &str) -> bool {
    name.eq_ignore_ascii_case(DEFAULT)
}

/// Returns whether two names are the same apart from case, separators and the plural:
/// `accessToken`, `access-tokens`.
fn is_same_name(one: &str, other: &str) -> bool {
    let (one, other) = (joined(one), joined(other));
    let singular = |name: &str| name.strip_suffix('s').map(str::to_owned);
    one == other
        || singular(&one).is_some_and(|one| one == other)
        || singular(&other).is_some_and(|other| other == one)
}

/// Returns the letters and digits of a name, in lower case.
pub(crate) fn joined(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(lowercase).collect()
}

/// Converts letter by letter. The standard library's conversion of a text knows where a Greek word
/// ends, for five kilobytes of tables on a small device.
fn lower_case(name: &str) -> String {
    name.chars().flat_map(lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DEFAULT_NAMES, MaskList, check_entries};

    fn after(entries: &[&str]) -> Result<Vec<String>, String> {
        let list = MaskList::default().changed(entries)?;
        Ok(list.names().to_vec())
    }

    #[test]
    fn a_list_adds_and_only_a_minus_takes_away() {
        let default = DEFAULT_NAMES.len();
        for (entries, length, has_token) in [
            (&["default"][..], default, true),
            (&["DEFAULT", "iban"], default + 1, true),
            (&["iban"], default + 1, true),
            (&["iban", "iban"], default + 1, true),
            (&["-token"], default - 1, false),
            (&["-api-key", "iban"], default - 1 + 1, true),
            (&["-credentials"], default - 1, true),
            (&["-default"], 0, false),
            (&["-default", "iban"], 1, false),
            (&["-default", "default"], default, true),
        ] {
            let names = after(entries).unwrap();
            let found = names.iter().any(|name| name == "token");
            assert_eq!((names.len(), found), (length, has_token), "{entries:?}");
        }
    }

    #[test]
    fn a_wrong_word_is_an_error_that_names_the_nearest() {
        for (entries, told) in [
            (&[][..], "`-default`"),
            (&["", " "], "`-default`"),
            (&["defaults"], "did you mean `default`"),
            (&["iban", "-defualt"], "did you mean `-default`"),
            (&["'default'"], "commas"),
            (&["default;iban"], "commas"),
            (&["default iban"], "commas"),
            (&["-"], "commas"),
            (&["-tokn"], "did you mean `-token`"),
            (&["-iban"], "not in the list"),
        ] {
            let error = after(entries).unwrap_err();
            assert!(error.contains(told), "{entries:?}: {error}");
        }
    }

    #[test]
    fn the_documentation_of_the_block_names_the_default_list() {
        let page = include_str!("../../docs/settings.md");
        let (_, section) = page.split_once("## `mask`").unwrap();
        let words = section.split("The default list:").nth(1).unwrap();
        let words = words.split("A name").next().unwrap();
        let documented: Vec<_> = words.split('`').skip(1).step_by(2).collect();
        assert_eq!(documented, DEFAULT_NAMES);
    }

    proptest! {
        #[test]
        fn without_a_minus_nothing_is_ever_taken_away(
            entries in prop::collection::vec("[a-zA-Z'\";, _.]{0,12}", 0..5)
        ) {
            let list = MaskList::default();
            let right = list.changed_ignoring_errors(&entries);
            let changed = list.changed(&entries).unwrap_or_default();
            for name in DEFAULT_NAMES {
                prop_assert!(right.names().iter().any(|known| known == name));
                prop_assert!(changed.names().iter().any(|known| known == name));
            }
        }

        #[test]
        fn no_error_shows_the_entry(entry in "[-]?[q-z]{9,12};?") {
            if let Err(error) = check_entries(&[&entry]) {
                prop_assert!(!error.contains(entry.trim_matches(['-', ';'])));
            }
        }
    }
}
