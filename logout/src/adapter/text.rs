//! Cleaning of log text, shared by all platforms.

pub(super) use crate::text::visible::visible;

/// `logout/0.1.0`: how requests name their sender where the platform demands no form of its own.
#[cfg(feature = "zulip")]
pub(super) const USER_AGENT: &str = concat!("logout/", env!("CARGO_PKG_VERSION"));

/// [`visible`] on one line: a line feed becomes a space. White space around it goes.
pub(super) fn line(text: &str) -> String {
    visible(text.trim()).replace('\n', " ")
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

/// A reason out of an answer, in one short line: it comes from the network.
pub(super) fn reason(text: &str) -> String {
    let shown = line(super::truncate::head(text, LONGEST_REASON, |_| 1));
    // Shown, a tab is four spaces and many a control character eight signs.
    let words: Vec<_> = shown.split_whitespace().collect();
    super::truncate::beginning(&words.join(" "), LONGEST_REASON, |_| 1).into_owned()
}

/// A text out of an answer, empty where it is missing or of another kind.
pub(super) fn said<'a>(answer: &'a serde_json::Value, key: &str) -> &'a str {
    answer
        .get(key)
        .and_then(|value| value.as_str())
        .unwrap_or_default()
}

/// A wait out of an answer: a number of seconds, whole or not, or a text that holds one.
#[cfg(any(feature = "discord", feature = "telegram", feature = "zulip"))]
pub(super) fn wait(answer: &serde_json::Value, pointer: &str) -> Option<std::time::Duration> {
    let value = answer.pointer(pointer)?;
    let number = value
        .as_f64()
        .or_else(|| crate::text::human::number(value.as_str()?))?;
    crate::transport::response::seconds(number)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_REASON, line, reason};

    #[test]
    fn a_reason_is_one_short_line_whatever_was_answered() {
        assert_eq!(reason(" no\tsuch\r\n chat "), "no such chat");
        for text in [
            "\t".repeat(500) + "x",
            "\u{85}".repeat(500),
            "a\t".repeat(300),
        ] {
            let reason = reason(&text);
            assert!(reason.chars().count() <= LONGEST_REASON, "{reason}");
            assert!(!reason.contains(char::is_control));
        }
    }

    #[test]
    fn one_line_has_no_line_feed() {
        assert_eq!(line("\n a\nb \n"), "a b");
    }
}
