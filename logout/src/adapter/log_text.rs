//! The cleaning of log text, and of what answers say, shared by all platforms.

use std::borrow::Cow;

/// `logout/0.1.0`: how requests name their sender where the platform demands no form of its own.
#[cfg(feature = "zulip")]
pub(super) const USER_AGENT: &str = concat!("logout/", env!("CARGO_PKG_VERSION"));

/// Returns the text with every character shown that a chat would obey, drop or refuse.
///
/// Line feeds stay, a tab becomes four spaces (Telegram would make it one), CR LF becomes LF.
/// Other C0 controls turn into their pictures, C1 controls, line and paragraph separators and
/// whatever turns the direction of writing into their numbers, noncharacters (which Zulip
/// refuses) into U+FFFD.
pub(super) fn make_visible(text: &str) -> Cow<'_, str> {
    // The first look goes over five megabytes in a fifth of the second's time.
    let is_plain = |byte| byte == b'\n' || (b' '..=b'~').contains(&byte);
    if text.bytes().all(is_plain) || text.chars().all(|c| !is_interpreted(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\t' => shown.push_str("    "),
            '\0'..='\x1f' if c != '\n' => shown.push(control_picture(c)),
            '\x7f' => shown.push('␡'),
            _ if is_noncharacter(c) => shown.push(char::REPLACEMENT_CHARACTER),
            _ if is_interpreted(c) => shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// [`make_visible`] on one line: a line feed becomes a space. White space around it goes.
pub(super) fn one_line(text: &str) -> String {
    make_visible(text.trim()).replace('\n', " ")
}

/// Four hexadecimal digits that tell texts with a common beginning apart (FNV-1a: the same in
/// every release of Rust, unlike the hasher of std).
#[cfg(feature = "zulip")]
pub(super) fn short_hash(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{:04x}", (hash >> 16) ^ (hash & 0xffff))
}

/// The longest reason, in code points.
const LONGEST_REASON: usize = 200;

/// Returns a reason out of an answer, in one short line: it comes from the network.
pub(super) fn short_reason(text: &str) -> String {
    let shown = one_line(super::truncate::head(text, LONGEST_REASON, |_| 1));
    // Shown, a tab is four spaces and many a control character eight signs.
    let words: Vec<_> = shown.split_whitespace().collect();
    super::truncate::keep_start(&words.join(" "), LONGEST_REASON, |_| 1).into_owned()
}

/// Returns a text out of an answer, empty where it is missing or of another kind.
pub(super) fn string_at<'a>(answer: &'a serde_json::Value, key: &str) -> &'a str {
    answer
        .get(key)
        .and_then(|value| value.as_str())
        .unwrap_or_default()
}

/// Returns a wait out of an answer: a number of seconds, whole or not, or a text that holds one.
#[cfg(any(feature = "discord", feature = "telegram", feature = "zulip"))]
pub(super) fn wait_at(answer: &serde_json::Value, pointer: &str) -> Option<std::time::Duration> {
    let value = answer.pointer(pointer)?;
    let number = value
        .as_f64()
        .or_else(|| crate::text::human::number(value.as_str()?))?;
    crate::transport::response::seconds(number)
}

fn control_picture(control: char) -> char {
    char::from_u32(0x2400 + u32::from(control)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn is_interpreted(c: char) -> bool {
    match c {
        '\n' => false,
        // The Arabic letter mark, the marks, embeddings, overrides and isolates of the
        // bidirectional algorithm (UAX #9), and the two separators between the first and second.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        _ => c.is_control() || is_noncharacter(c),
    }
}

/// Returns whether it is one of the 66 code points that Unicode promises never to assign.
fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_REASON, make_visible, one_line, short_reason};

    #[test]
    fn what_a_chat_would_obey_is_shown() {
        for (text, shown) in [
            ("plain ünïcödé 🔥\nnext", "plain ünïcödé 🔥\nnext"),
            ("a\tb", "a    b"),
            ("a\r\nb\rc", "a\nb␍c"),
            ("\x1b[31mred\0", "␛[31mred␀"),
            ("\x7f\u{85}", "␡⟨U+0085⟩"),
            ("abc\u{202e}gpj.exe", "abc⟨U+202E⟩gpj.exe"),
            ("\u{2028}\u{2066}", "⟨U+2028⟩⟨U+2066⟩"),
            ("\u{fffe}\u{fdd0}\u{10ffff}", "\u{fffd}\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(make_visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_reason_is_one_short_line_whatever_was_answered() {
        assert_eq!(short_reason(" no\tsuch\r\n chat "), "no such chat");
        for text in [
            "\t".repeat(500) + "x",
            "\u{85}".repeat(500),
            "a\t".repeat(300),
        ] {
            let reason = short_reason(&text);
            assert!(reason.chars().count() <= LONGEST_REASON, "{reason}");
            assert!(!reason.contains(char::is_control));
        }
    }

    #[test]
    fn one_line_has_no_line_feed() {
        assert_eq!(one_line("\n a\nb \n"), "a b");
    }
}
