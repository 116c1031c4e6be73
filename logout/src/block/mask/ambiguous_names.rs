//! Names of credentials that are also names of ordinary values. The value decides: `pin=4711` opens
//! a door, `pin=17` is one of a microcontroller.

/// The form of the credentials under such a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialForm {
    /// Four digits or more: microcontrollers have fewer pins.
    Pin,
    /// Digits, or letters with digits, as people receive or choose them: `482913`, `k2x9-lmz7`. An
    /// error's `code` has another name.
    Code,
    /// Random characters, unlike a slug, a path or a word.
    Machine,
    /// The seed phrase of a wallet.
    Phrase,
}

/// The names, as letters only, with the form of their credentials. They are compared with the last
/// words of a name, so `cache_key`, `primary_key`, `public_key` and `idempotency_key` are none of
/// them.
#[rustfmt::skip]
const AMBIGUOUS_NAMES: [(CredentialForm, &[&str]); 4] = [
    (CredentialForm::Pin, &["pin"]),
    (CredentialForm::Code, &[
        "accesscode", "activationcode", "backupcode", "confirmationcode", "devicecode", "logincode",
        "mfacode", "onetimecode", "pairingcode", "pw", "recoverycode", "securitycode", "smscode",
        "twofactorcode", "verificationcode",
    ]),
    (CredentialForm::Machine, &[
        "accountkey", "adminkey", "aeskey", "appkey", "applicationkey", "cipherkey", "clientkey",
        "consumerkey", "deploykey", "fastlykey", "functionskey", "hmackey", "ingestkey",
        "integrationkey", "licencekey", "licensekey", "masterkey", "rootkey", "routingkey",
        "serverkey", "servicekey", "sharedaccesskey", "sharedkey", "sshkey", "sslkey", "storagekey",
        "subscriptionkey", "tlskey", "writekey", "codeverifier", "hmac", "hmacsha256", "salt",
        "samlresponse", "sid",
    ]),
    (CredentialForm::Phrase, &["mnemonic", "seedphrase"]),
];

/// The last two letters of these names, which rule out most other names quickly.
const LAST_LETTERS: [&[u8; 2]; 11] = [
    b"ey", b"de", b"in", b"pw", b"er", b"ac", b"56", b"lt", b"se", b"id", b"ic",
];

/// Returns the name at the end of `letters`, if one begins where `is_start` says that a word does.
pub(crate) fn find(
    letters: &[u8],
    is_start: impl Fn(usize) -> bool,
) -> Option<(&'static str, CredentialForm)> {
    let is_known = |end: &[u8]| LAST_LETTERS.iter().any(|known| *known == end);
    let singular = letters.strip_suffix(b"s").unwrap_or(letters);
    let end = |letters: &[u8]| letters.last_chunk::<2>().is_some_and(|end| is_known(end));
    if !end(letters) && !end(singular) {
        return None;
    }
    judged().find(|(name, _)| {
        [letters, singular].into_iter().any(|letters| {
            let begin = letters.strip_suffix(name.as_bytes());
            begin.is_some_and(|begin| is_start(begin.len()))
        })
    })
}

/// Returns whether a name, by its letters, is in the table.
pub(super) fn is_known(letters: &str) -> bool {
    judged().any(|(name, _)| name == letters)
}

fn judged() -> impl Iterator<Item = (&'static str, CredentialForm)> {
    let judged = AMBIGUOUS_NAMES.into_iter();
    judged.flat_map(|(looks, names)| names.iter().map(move |name| (*name, looks)))
}

impl CredentialForm {
    /// Returns whether this value is a credential; of a list the first value decides.
    pub(crate) fn matches_value(self, value: &str) -> bool {
        let value = value.strip_prefix("Some(").unwrap_or(value);
        let value = value.trim_start_matches(['[', '"', '\\']);
        let first = value.split(['"', ',', '\\', ']', ')']).next();
        let first = first.unwrap_or_default().trim();
        let count = |is_it: fn(&u8) -> bool| first.bytes().filter(is_it).count();
        let digits = count(u8::is_ascii_digit);
        let letters = count(u8::is_ascii_alphabetic);
        match self {
            Self::Pin => digits == first.len() && (4..=12).contains(&digits),
            Self::Code => {
                let is_number = digits == first.len() && digits >= 4;
                let is_part = |byte: u8| byte.is_ascii_graphic() && byte != b'/';
                is_number
                    || (first.len() >= 6 && digits > 0 && letters > 0 && first.bytes().all(is_part))
            }
            Self::Machine => is_made_by_machine(first),
            Self::Phrase => {
                let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
                first
                    .split_ascii_whitespace()
                    .filter(|word| is_word(word))
                    .count()
                    >= 6
            }
        }
    }
}

/// Returns whether the value looks like random bytes: hexadecimal, or letters mixed with digits.
/// The identifiers of Twilio and of Windows' users do not.
pub(crate) fn is_made_by_machine(value: &str) -> bool {
    let value = value.strip_prefix("base64:").unwrap_or(value);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/=%~".contains(&byte);
    if value.len() < 16 || !value.bytes().all(is_part) || value.starts_with(['/', '~']) {
        return false;
    }
    let is_hex = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_of_twilio = value.len() == 34
        && value.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
        && value.get(2..).is_some_and(is_hex);
    if is_of_twilio || digits == 0 {
        return false;
    }
    let kinds = value.bytes().filter_map(|byte| match byte {
        b'0'..=b'9' => Some(0),
        b'a'..=b'z' => Some(1),
        b'A'..=b'Z' => Some(2),
        _ => None,
    });
    let (turns, _) = kinds.fold((0, None), |(turns, before), kind| {
        (turns + usize::from(before != Some(kind)), Some(kind))
    });
    (is_hex(value) && digits >= 4 && turns > 1) || turns >= 6
}
