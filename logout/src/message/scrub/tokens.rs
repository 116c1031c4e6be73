//! Credentials that are recognised by their beginning.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::MASK;
use super::commands;
use super::credentials::{Scan, is_letter};
use super::prefixes::{known_prefix, may_begin, webhook_prefix_length};
use super::value::line_end;

/// The fewest characters of a webhook's secret.
const WEBHOOK: usize = 20;

/// The beginning and the least length of a Telegram bot's secret. A number and a colon precede it.
const BOT: (&str, usize) = ("AA", 33);

/// The beginnings of AWS's access key ids.
const AWS: [&str; 2] = ["AKIA", "ASIA"];

/// The characters after them.
const AWS_LENGTH: usize = 16;

/// The most bytes of the line with which a private key begins.
const PEM_LINE: usize = 80;

/// The label of private keys in PEM.
const KEY: &[u8] = b"PRIVATE KEY";

/// Base64 of the standard alphabet, whether it was padded or not.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The length from which on a run of letters is not scanned twice.
const LONG: usize = 256;

/// Returns the credential that begins with the word at `at`.
pub(super) fn find(scan: &mut Scan<'_>, at: usize) -> Option<Range<usize>> {
    if at < scan.run_end {
        return None;
    }
    // The first two letters rule out nearly every word.
    match (scan.byte(at), scan.byte(at + 1)) {
        (b'b' | b'B', b'a' | b'A' | b'e' | b'E') => authorization(scan, at),
        (b'e', b'y') => json_web_token(scan, at),
        (b'A', b'K' | b'S') => aws(scan, at),
        (b'M' | b'N' | b'O', b'D' | b'T' | b'j' | b'z') => discord(scan, at),
        (b'M', b'C' | b'H' | b'I') => der(scan, at),
        (b'L', b'S') => pem(scan, at),
        (b'j', b'd') => oracle(scan, at),
        (b'P', b'r') => putty(scan, at),
        (b'E', b'N')
        | (b't', b'o')
        | (b'k', b'e')
        | (b's', b'e')
        | (b'r', b'e')
        | (b'm', b'a')
        | (b'p', b'a') => commands::word(scan, at),
        (first, second) if may_begin(first, second) => prefixed(scan, at),
        _ => None,
    }
}

/// Remembers a long run, so that its parts are not scanned again.
fn note_run(scan: &mut Scan<'_>, start: usize, end: usize) {
    if end - start > LONG {
        scan.run_end = end;
    }
}

/// Returns the credentials after `Bearer` or `Basic`.
fn authorization(scan: &mut Scan<'_>, at: usize) -> Option<Range<usize>> {
    let word = scan.bytes.get(at..at + 6)?;
    let (length, is_basic) = match word {
        word if word.eq_ignore_ascii_case(b"bearer") => (6, false),
        word if word.get(..5)?.eq_ignore_ascii_case(b"basic") => (5, true),
        _ => return None,
    };
    let end = at + length;
    let start = scan.skip(end, |byte| byte == b' ');
    let start = if start > end {
        start
    } else if scan.rest(end).starts_with("%20") {
        end + 3
    } else {
        return None;
    };
    let stop = scan.skip(start, |byte| is_letter(byte) || b"-._~+/=%".contains(&byte));
    note_run(scan, at, stop);
    let token = without_cut_mark(scan, start, stop);
    let text = scan.part(token.clone());
    // The challenge of a server: `Bearer realm="shop"`.
    if text.ends_with('=') && scan.byte(stop) == b'"' {
        return None;
    }
    let is_token = if scan.is_cut(token.end) || text.contains(MASK) {
        true
    } else if is_basic {
        holds_login(text)
    } else {
        is_token(text.trim_end_matches('.'))
    };
    let dots = text.len() - text.trim_end_matches('.').len();
    is_token.then_some(token.start..token.end - dots)
}

/// Returns whether it is of the signs of most tokens: those of base64 for addresses.
pub(super) fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
}

fn is_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// Returns the run without the mark of a cut, which counts as letters.
fn without_cut_mark(scan: &Scan<'_>, start: usize, stop: usize) -> Range<usize> {
    let cut = scan.part(start..stop).find('…');
    start..cut.map_or(stop, |cut| start + cut)
}

/// Returns whether this is the base64 of a user with a password.
fn holds_login(text: &str) -> bool {
    let decoded = LENIENT.decode(text.trim_end_matches(['.', '%']));
    decoded.is_ok_and(|decoded| decoded.contains(&b':'))
}

/// Returns whether the text is a token and not a word of a sentence: "bearer token", "Bearer
/// Authentication".
fn is_token(text: &str) -> bool {
    let mut letters = text.bytes();
    let first = letters.next();
    let is_word = letters.all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    first.is_some() && (!is_word || text.len() >= 24)
}

/// Returns a JSON Web Token, signed, encrypted or neither (RFC 7515, RFC 7516): its head is the
/// base64 of an object.
fn json_web_token(scan: &mut Scan<'_>, at: usize) -> Option<Range<usize>> {
    if !scan.rest(at).starts_with("eyJ") {
        return None;
    }
    let head = scan.skip(at, is_of_token);
    // The base64 of `{"auths":`, as Docker keeps its logins.
    if scan.rest(at).starts_with("eyJhdXRocyI6") {
        return Some(at..scan.skip(head, |byte| b"+/=".contains(&byte) || is_of_token(byte)));
    }
    note_run(scan, at, head);
    if scan.is_cut(head) {
        return Some(at..head);
    }
    let claims = scan.skip(head + 1, is_of_token);
    if scan.byte(head) == b'.' && scan.is_cut(claims) {
        return Some(at..claims);
    }
    if scan.byte(head) != b'.' || head - at < "eyJhbGci".len() || claims - head < 4 {
        return None;
    }
    let is_object = scan.rest(head + 1).starts_with("eyJ");
    if !(is_object || scan.byte(claims) == b'.') {
        return None;
    }
    let end = scan.skip(claims, |byte| is_of_token(byte) || b".=".contains(&byte));
    let dots = scan.part(at..end);
    Some(at..at + dots.trim_end_matches('.').len())
}

fn aws(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    AWS.iter()
        .find(|prefix| scan.rest(at).starts_with(**prefix))?;
    let start = at + 4;
    let end = scan.skip(start, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit()
    });
    let is_whole = end - start == AWS_LENGTH && !is_letter(scan.byte(end));
    (is_whole || scan.is_cut(end)).then_some(at..end)
}

fn prefixed(scan: &mut Scan<'_>, at: usize) -> Option<Range<usize>> {
    let (prefix, least) = known_prefix(scan.rest(at))?;
    let start = at + prefix.len();
    let end = scan.skip(start, |byte| is_of_token(byte) || byte == b'.');
    note_run(scan, at, end);
    let token = scan.part(start..end).trim_end_matches('.');
    let is_mixed = token.bytes().any(|byte| byte.is_ascii_digit())
        && token.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_whole = token.len() >= least && is_mixed;
    (is_whole || (scan.is_cut(end) && !token.is_empty())).then_some(at..start + token.len())
}

/// Returns the secret part of a webhook's address, whose scheme ends at `at`.
pub(super) fn webhook(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let address = scan.rest(at).strip_prefix("://")?;
    let start = at + "://".len() + webhook_prefix_length(address)?;
    let end = scan.skip(start, |byte| is_of_token(byte) || byte == b'/');
    let is_whole = end - start >= WEBHOOK;
    (is_whole || (scan.is_cut(end) && end > start)).then_some(start..end)
}

/// Returns the token of a Telegram bot, whose number ends at `at`.
pub(super) fn bot(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let secret = at + 1;
    if !scan.before(at).is_ascii_digit() || !scan.rest(secret).starts_with(BOT.0) {
        return None;
    }
    let end = scan.skip(secret, is_of_token);
    (end - secret >= BOT.1 || scan.is_cut(end)).then_some(secret..end)
}

/// Returns a private key in PEM, up to the end of the text if it does not end before.
pub(super) fn private_key(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    const BEGIN: &str = "-----BEGIN ";
    if !scan.rest(at).starts_with(BEGIN) {
        return None;
    }
    let label = at + BEGIN.len();
    let stop = scan.bytes.len().min(label + PEM_LINE);
    let line = scan.bytes.get(label..stop)?;
    let end_of_label = line.windows(5).position(|five| five == b"-----")?;
    let label = line.get(..end_of_label)?;
    label.windows(KEY.len()).find(|part| *part == KEY)?;
    let end = scan.rest(at).find("-----END ").and_then(|end| {
        let after = at + end + "-----END ".len();
        let line = scan.rest(after).find("-----")?;
        Some(after + line + "-----".len())
    });
    Some(at..end.unwrap_or_else(|| scan.text_end()))
}

/// Returns the token of a Discord bot: the base64 of its number, of a time and of a signature.
fn discord(scan: &mut Scan<'_>, at: usize) -> Option<Range<usize>> {
    let head = scan.skip(at, is_of_token);
    note_run(scan, at, head);
    if !(23..=28).contains(&(head - at)) || scan.byte(head) != b'.' {
        return None;
    }
    let number = LENIENT.decode(scan.part(at..head)).ok()?;
    let time = scan.skip(head + 1, is_of_token);
    let end = scan.skip(time + 1, is_of_token);
    let is_whole = scan.byte(time) == b'.' && end - time > 27;
    let is_bot = number.iter().all(u8::is_ascii_digit)
        && (is_whole || scan.is_cut(end) || scan.is_cut(time));
    is_bot.then_some(at..end.min(scan.bytes.len()))
}

/// Returns a private key in DER, in base64: a sequence that begins with a version (PKCS #1, PKCS
/// #8, SEC 1), as no certificate does.
fn der(scan: &mut Scan<'_>, at: usize) -> Option<Range<usize>> {
    let end = scan.skip(at, is_of_base64);
    note_run(scan, at, end);
    let head = scan.part(at..end.min(at + 16));
    let head = LENIENT.decode(head.trim_end_matches('=')).ok()?;
    // The tag of a sequence and the bytes of its length, of which the first says how many follow.
    let (&[0x30, length], rest) = head.split_first_chunk::<2>()? else {
        return None;
    };
    let more = usize::from(length.saturating_sub(0x80));
    let is_key = matches!(rest.get(more..more + 3), Some([2, 1, 0 | 1]));
    (is_key && (end - at >= 16 || scan.is_cut(end))).then_some(at..end)
}

/// Returns the base64 of a private key in PEM, as manifests of Kubernetes hold it.
fn pem(scan: &mut Scan<'_>, at: usize) -> Option<Range<usize>> {
    let end = scan.skip(at, is_of_base64);
    note_run(scan, at, end);
    let head = scan.part(at..end.min(at + PEM_LINE));
    let head = head.get(..head.len() / 4 * 4)?;
    let head = LENIENT.decode(head.trim_end_matches('=')).ok()?;
    let is_key =
        head.starts_with(b"-----BEGIN ") && head.windows(KEY.len()).any(|part| part == KEY);
    is_key.then_some(at..end)
}

/// Returns the user and the password of Oracle's addresses: `jdbc:oracle:thin:scott/tiger@//db`.
fn oracle(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let rest = scan.rest(at).strip_prefix("jdbc:oracle:")?;
    let driver = rest.find(':').filter(|end| *end < 8)?;
    let start = at + "jdbc:oracle:".len() + driver + 1;
    let end = scan.skip_within(start, PEM_LINE, |byte| byte > b' ' && byte != b'@');
    let login = scan.part(start..end).split('…').next()?;
    let end = start + login.len();
    let is_login = login.contains('/') && (scan.byte(end) == b'@' || scan.is_cut(end));
    is_login.then_some(start..end)
}

/// Returns the lines of a private key of `PuTTY`.
fn putty(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    scan.rest(at).strip_prefix("Private-Lines:")?;
    let start = line_end(scan, at);
    let end = scan.rest(start).find("Private-MAC");
    Some(start..end.map_or(scan.text_end().max(start), |end| start + end))
}
