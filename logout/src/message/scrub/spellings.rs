//! The spellings of a secret in a text.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::message::links::RESERVED;
use crate::transport::Url;

/// Returns every spelling of a secret, each with whether its beginning alone is secret. The
/// beginning of an address is its host, which is not; its secret parts have spellings of their own.
pub(super) fn spellings(secret: &str) -> Vec<(String, bool)> {
    let plain = match Url::parse(secret) {
        Ok(url) => address_parts(&url),
        Err(_) => vec![(secret.to_owned(), true)],
    };
    let mut spellings = Vec::new();
    for (text, from_start) in plain {
        let mut add = |spelling| spellings.push((spelling, from_start));
        // With and without signs that need none, as forms and paths are written.
        for kept in [NON_ALPHANUMERIC, RESERVED] {
            let encoded = utf8_percent_encode(&text, kept).to_string();
            add(lower_escapes(&encoded));
            add(encoded);
        }
        add(STANDARD.encode(&text));
        add(URL_SAFE_NO_PAD.encode(&text));
        inside_base64(&text).into_iter().for_each(&mut add);
        add(text.escape_debug().to_string());
        add(text);
    }
    spellings
}

/// Returns a percent-encoded text with its escapes in lower case, as some write them.
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

/// Returns what the base64 of every text that contains this one, such as `user:password`, contains:
/// one of three, by the offset in it. The characters at both ends that hold bits of its neighbours
/// are left out.
fn inside_base64(text: &str) -> Vec<String> {
    let mut inside = Vec::new();
    for (before, first) in [("", 0), (" ", 2), ("  ", 3)] {
        let bits = (before.len() + text.len()) * 8;
        let shifted = [before, text].concat();
        for encoded in [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            let part = encoded.get(first..bits / 6).unwrap_or_default();
            // Shorter ones could occur by chance.
            if part.len() >= 8 {
                inside.push(part.to_owned());
            }
        }
    }
    inside
}

/// Returns the parts of a secret address that are secret, each with whether its beginning is: each
/// segment that looks like a token rather than like a word of the route, the path, and the whole.
fn address_parts(url: &Url) -> Vec<(String, bool)> {
    let path = url.path_and_query();
    let tokens = url.tokens().into_iter();
    let mut parts: Vec<_> = tokens.map(|token| (token.to_owned(), true)).collect();
    if path.len() > 1 {
        parts.push((path.to_owned(), false));
        parts.push((url.as_str().to_owned(), false));
    }
    parts
}
