//! The match of a masked name in a field's name, and which values it hides.

use crate::block::mask::ambiguous_names::CredentialForm;
use crate::text::human::parse_number;

/// Values that give nothing away.
#[rustfmt::skip]
const NOTHING: [&str; 13] = [
    "", "None", "none", "null", "nil", "true", "false", "on", "off", "yes", "no", "undefined", "[]",
];

/// Placeholders of other programs for what they removed.
const REMOVED: [&str; 7] = [
    "censored",
    "filtered",
    "hidden",
    "masked",
    "redacted",
    "removed",
    "sensitive",
];

/// The longest short word, in bytes: `client_secret_post`, `authorization_code`.
const WORD: usize = 24;

/// The longest number that counts sessions, in digits. Ids that nobody must guess are longer.
const COUNT: usize = 6;

/// The longest value that may be shown, in bytes. A longer one is hidden, whatever its name.
const LONGEST: usize = 256;

/// The meaning of a name's last word that is not part of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastWord {
    /// The kind of the credential: its type, its name, its state.
    Kind,
    /// A size, a duration or a time.
    Measure,
    /// The machine that has it.
    Host,
    /// The file that holds it, or its address.
    Place,
    /// A reference to it in a manifest.
    Reference,
}

/// The match of a name of the list in a field's name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NameMatch {
    /// Whether nothing follows.
    pub(super) last: bool,
    /// Whether it is in the plural, and the name does not end in a singular.
    pub(super) plural: bool,
    /// The meaning of the last word.
    pub(super) last_word: Option<LastWord>,
    /// Whether it is `pass`, by itself.
    pub(super) pass: bool,
    /// Whether it is a `session`, which may be counted.
    pub(super) session: bool,
    /// Whether it is a `token`, which parsers have, too.
    pub(super) token: bool,
    /// Whether it is `pwd` by itself, which is a directory too.
    pub(super) directory: bool,
    /// The form of values that are hidden, if the name alone is not enough.
    judged: Option<CredentialForm>,
}

impl NameMatch {
    pub(crate) fn judged(looks: CredentialForm) -> Self {
        Self {
            judged: Some(looks),
            last: true,
            ..Self::default()
        }
    }

    /// Returns whether it takes the whole value to tell if it is a credential, so that a cut one must
    /// be hidden.
    pub(crate) fn depends_on_value(&self) -> bool {
        self.judged.is_some() || self.token
    }

    /// Returns whether the form of the value decides.
    pub(crate) fn is_judged(&self) -> bool {
        self.judged.is_some()
    }

    /// Returns whether nothing follows the name of the list.
    pub(crate) fn is_last(&self) -> bool {
        self.last
    }

    /// Returns whether this value of the field is hidden.
    pub(crate) fn hides(self, value: &str) -> bool {
        let value = value.trim();
        if value.len() > LONGEST {
            return true;
        }
        if NOTHING.contains(&value) || is_placeholder(value) {
            return false;
        }
        if let Some(looks) = self.judged {
            return looks.matches_value(value);
        }
        let is_number = || parse_number(value).is_some();
        let is_about = match self.last_word.filter(|_| !self.last) {
            Some(LastWord::Kind) => is_number() || is_measure(value) || is_short_word(value),
            Some(LastWord::Measure) => is_number() || is_measure(value),
            Some(LastWord::Host) => is_short_word(value) || is_host(value) || is_address(value),
            Some(LastWord::Place) => is_path(value) || is_address(value),
            Some(LastWord::Reference) => is_reference(value),
            None => false,
        };
        // Counts, and the passes of a compiler.
        let is_counted = self.plural
            || (self.pass && value.len() <= 3)
            || (self.session && value.len() <= COUNT);
        let is_count = is_counted && is_number();
        let is_kind_of_token = self.token && is_type(value);
        let is_directory = self.directory && is_path(value);
        !(is_about || is_count || is_directory || is_kind_of_token)
    }
}

/// Returns whether the value is the name of a type, as of a parser's tokens: `Comma`, `OpenBrace`.
fn is_type(value: &str) -> bool {
    let mut bytes = value.bytes();
    let begins = bytes.next().is_some_and(|first| first.is_ascii_uppercase());
    begins
        && value.len() <= WORD
        && bytes.all(|byte| byte.is_ascii_alphabetic())
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Returns whether the value is a word such as `oauth2`, `client_credentials` or `argon2id`:
/// letters, with digits in one place at most.
fn is_short_word(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let mut bytes = value.bytes();
    let begins = bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    let numbers = value.split(|c: char| !c.is_ascii_digit());
    let mut numbers = numbers.filter(|number| !number.is_empty());
    let has_few_digits = numbers.next().is_none_or(|number| number.len() <= 3);
    begins
        && value.len() <= WORD
        && bytes.all(is_part)
        && has_few_digits
        && numbers.next().is_none()
}

/// Returns whether the value is a duration, a size, a date or a version: `3600s`,
/// `2026-11-28T12:04:31Z`, `v2`.
fn is_measure(value: &str) -> bool {
    let value = value.strip_prefix('v').unwrap_or(value);
    let numbers = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_part = |byte: u8| byte.is_ascii_digit() || b"-:.+T".contains(&byte);
    value.len() <= WORD + 8
        && value.len() - numbers.len() <= 3
        && numbers.starts_with(|c: char| c.is_ascii_digit())
        && numbers.bytes().all(is_part)
}

/// Returns whether the value is a host name with a dot, and maybe a port: `db.acme.dev:5432`. A
/// cookie's domain may begin with the dot.
fn is_host(value: &str) -> bool {
    let (host, port) = value.split_once(':').unwrap_or((value, ""));
    let is_label = |label: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.len() <= WORD && label.bytes().all(is_part)
    };
    let name = host.strip_prefix('.').unwrap_or(host);
    host.contains('.')
        && name.split('.').all(is_label)
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether the value is an address in which nothing looks like a credential: without a
/// login, parameters and a long segment of its path. Amazon's resource names count as addresses.
fn is_address(value: &str) -> bool {
    if let Some(name) = value.strip_prefix("arn:") {
        return name.bytes().all(|byte| byte.is_ascii_graphic());
    }
    let Some((scheme, rest)) = value.split_once("://") else {
        return false;
    };
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    let is_part = |byte: u8| byte.is_ascii_graphic() && !b"?#@".contains(&byte);
    let is_route = |segment: &str| {
        let has_digit = segment.bytes().any(|byte| byte.is_ascii_digit());
        segment.len() < 16 && !(segment.len() >= 8 && has_digit)
    };
    !scheme.is_empty()
        && scheme.bytes().all(is_of_scheme)
        && rest.bytes().all(is_part)
        && rest.split('/').skip(1).all(is_route)
}

/// Returns whether the value refers to a credential: `shop-db`, `{ name: shop-db, key: password }`.
fn is_reference(value: &str) -> bool {
    let inside = value.trim_start_matches(['{', '"', ' ']);
    let is_field = |name: &str| {
        let behind = inside.strip_prefix(name);
        behind.is_some_and(|behind| behind.trim_start_matches('"').starts_with(':'))
    };
    is_short_word(value)
        || is_path(value)
        || is_address(value)
        || is_field("name")
        || is_field("key")
}

/// Returns whether the value is a placeholder: `***`, `<redacted>`, `${PASSWORD}`, `{{
/// .Values.password }}`.
fn is_placeholder(value: &str) -> bool {
    let inside = |open: &str, close: &str| value.strip_prefix(open)?.strip_suffix(close);
    let is_name = |text: &str, signs: &str| {
        !text.is_empty()
            && text.len() <= 64
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
    };
    let is_words =
        |text: &str| is_name(text, "_- ") && !text.contains(|c: char| c.is_ascii_digit());
    let is_template = |text: &str| {
        let text = text.trim_start_matches('{').trim_end_matches('}').trim();
        let has_sign = text.starts_with(['.', '$']);
        is_name(text, "._$") && (has_sign || is_words(text))
    };
    let variable = value
        .strip_prefix("${")
        .map(|name| name.trim_end_matches('}'));
    let is_variable = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let word = value.trim_matches(['[', ']']);
    let word = word.split(' ').next().unwrap_or_default();
    inside("<", ">").is_some_and(is_words)
        || variable.is_some_and(|name| is_name(name, "_."))
        || value.strip_prefix('$').is_some_and(is_variable)
        || inside("{", "}").is_some_and(is_template)
        || REMOVED.iter().any(|known| word.eq_ignore_ascii_case(known))
        || ["%s", "%v", "{}", "?"].contains(&value)
        || value.bytes().all(|byte| byte == b'*' || byte == b'.')
}

/// Returns whether the value is a path from the root, the home directory, the current one, or a
/// drive.
fn is_path(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_of_drive = bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.get(1) == Some(&b':')
        && matches!(bytes.get(2), Some(b'/' | b'\\'));
    let begins = ["/", "./", "../", "~/", "\\\\"];
    let is_part = |c: char| c.is_alphanumeric() || "._-/\\: ".contains(c);
    (is_of_drive || begins.iter().any(|begin| value.starts_with(begin)))
        && value.trim_start_matches('~').chars().all(is_part)
}
