//! Hidden characters, made visible.

use std::borrow::Cow;

/// A tab as spaces: chats collapse or drop tabs, and a trace loses its indentation.
const TAB: &str = "    ";

/// Replaces every hidden character of a text: a control character by its picture (`␛`), any other
/// by its number (`⟨U+202E⟩`). Line feeds stay, CR LF becomes LF, a tab becomes four spaces.
pub(crate) fn make_visible(text: &str) -> Cow<'_, str> {
    let Some(first) = first_hidden(text) else {
        return Cow::Borrowed(text);
    };
    let (plain, rest) = text.split_at(first);
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(plain);
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push_str(TAB),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\0'..='\x1f' => shown.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('␦')),
            '\x7f' => shown.push('␡'),
            _ if is_hidden(c) => shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Returns the index of the first hidden character. A text of five megabytes is scanned several
/// times, so plain ASCII is skipped in blocks, and the rest is checked character by character.
fn first_hidden(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += plain_length(text.get(at..)?.as_bytes());
        let start = at;
        for c in text.get(at..)?.chars() {
            if c.is_ascii() && at > start {
                break;
            }
            if is_hidden(c) {
                return Some(at);
            }
            at += c.len_utf8();
        }
        if at == start {
            return None;
        }
    }
}

/// Returns how many bytes of plain ASCII a text begins with.
fn plain_length(bytes: &[u8]) -> usize {
    let mut plain = 0;
    for block in bytes.as_chunks::<64>().0 {
        // Without an early exit, which would prevent the compiler from vectorising.
        let words = block.as_chunks::<8>().0.iter();
        let others = words.fold(0, |all, word| all | not_plain(u64::from_le_bytes(*word)));
        if others != 0 {
            break;
        }
        plain += block.len();
    }
    let rest = bytes.get(plain..).unwrap_or_default();
    for word in rest.as_chunks::<8>().0 {
        let others = not_plain(u64::from_le_bytes(*word));
        if others != 0 {
            return plain + others.trailing_zeros() as usize / 8;
        }
        plain += word.len();
    }
    let rest = bytes.get(plain..).unwrap_or_default();
    let is_plain = |byte: &&u8| matches!(byte, b'\n' | b' '..=b'~');
    plain + rest.iter().take_while(is_plain).count()
}

/// Sets the highest bit of each byte that is neither printable ASCII nor a line feed, and no other bit.
const fn not_plain(word: u64) -> u64 {
    const HIGHEST: u64 = each(0x80);
    const OTHERS: u64 = each(0x7f);
    const TO_PRINTABLE: u64 = each(0x80 - b' ');
    const TO_DELETE: u64 = each(0x80 - 0x7f);
    const FEEDS: u64 = each(b'\n');
    // Without their highest bits no byte carries into the next.
    let low = word & OTHERS;
    let printable = (low + TO_PRINTABLE) & !(low + TO_DELETE);
    let feed = !((low ^ FEEDS) + OTHERS);
    (word | !(printable | feed)) & HIGHEST
}

const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Returns whether a chat shows nothing for the character, drops it, refuses it, or interprets it.
///
/// These are Unicode's default-ignorable code points (`DerivedCoreProperties.txt`), the controls,
/// the two separators and the noncharacters (which Zulip refuses). Not hidden are those of the
/// first kind that ordinary text uses: the two joiners, the presentation selectors of emoji, and
/// the selectors of Mongolian.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}'
        // Fillers of Hangul, and vowels of Khmer that are never written.
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0d}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        // Controls of shorthand and of musical notation.
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        // Tags and selectors, which hide a second text in the first.
        | '\u{e0000}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Removes colours of a terminal: the sequences `ESC [ … m`, and `ESC [ … K`, which programs write
/// beside them.
pub(crate) fn without_colours(text: &str) -> Cow<'_, str> {
    // Few texts have one, and a byte is searched for in blocks, a character one by one.
    let bytes = text.as_bytes();
    if !bytes.contains(&0x1b) && !bytes.contains(&0x9b) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, sequence)) = rest
        .find(['\x1b', '\u{9b}'])
        .and_then(|at| rest.split_at_checked(at))
    {
        kept.push_str(before);
        rest = strip_colour(sequence).unwrap_or_else(|| {
            let mut chars = sequence.chars();
            kept.extend(chars.next());
            chars.as_str()
        });
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// Returns the text after the sequence that it begins with (ECMA-48, 5.4).
fn strip_colour(text: &str) -> Option<&str> {
    let parameters = text
        .strip_prefix("\x1b[")
        .or_else(|| text.strip_prefix('\u{9b}'))?;
    let end = parameters.trim_start_matches(|c| matches!(c, '0'..='?'));
    end.strip_prefix(['m', 'K'])
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::{first_hidden, is_hidden, make_visible, without_colours};

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["plain\nnext", "naïve 👩‍🚀\nλ ⚠️ می‌خواهم", "订单 ᠠ᠋ 한글"]
        {
            assert!(matches!(make_visible(text), Cow::Borrowed(_)), "{text}");
            assert!(matches!(without_colours(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        for (text, shown) in [
            ("a\0b\x7f\u{85}\x1b[2J", "a␀b␡⟨U+0085⟩␛[2J"),
            ("abc\u{202e}gpj.exe", "abc⟨U+202E⟩gpj.exe"),
            ("one\r\ntwo\rthree\ttab", "one\ntwo␍three    tab"),
            ("\u{2028}\u{2066}", "⟨U+2028⟩⟨U+2066⟩"),
            ("\u{fffe}\u{10ffff}", "⟨U+FFFE⟩⟨U+10FFFF⟩"),
            ("😀\u{e0101}\u{e01ef}", "😀⟨U+E0101⟩⟨U+E01EF⟩"),
            ("\u{3164}\u{ffa0}\u{115f}", "⟨U+3164⟩⟨U+FFA0⟩⟨U+115F⟩"),
            ("\u{34f}\u{17b4}\u{1d173}", "⟨U+034F⟩⟨U+17B4⟩⟨U+1D173⟩"),
        ] {
            assert_eq!(make_visible(text), shown, "{text:?}");
        }
    }

    #[test]
    fn the_first_hidden_character_is_found_wherever_it_stands() {
        for others in ["a", "é", "aé\n", "订", "🔥~ "] {
            for before in [0, 1, 3, 7, 8, 9, 21, 63, 64, 65] {
                let before = others.repeat(before);
                for c in ('\0'..='\u{ff}').chain(['\u{202e}', '\u{ffff}']) {
                    let is_found = c != '\n' && is_hidden(c);
                    let found = first_hidden(&format!("{before}{c}{others}"));
                    assert_eq!(found, is_found.then_some(before.len()), "{before:?}{c:?}");
                }
            }
        }
    }

    #[test]
    fn colours_are_taken_out_and_nothing_else() {
        for (text, kept) in [
            ("\x1b[31mred\x1b[0m", "red"),
            ("\u{9b}1;31mred\x1b[m\x1b[K!", "red!"),
            ("\x1b[38;2;255;0;0mred\x1b[39m", "red"),
            ("cut \x1b[3 (truncated)", "cut \x1b[3 (truncated)"),
            ("\x1b[2Jcleared \x1b", "\x1b[2Jcleared \x1b"),
        ] {
            assert_eq!(without_colours(text), kept, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_hidden_remains(text in any::<String>()) {
            let shown = make_visible(&text).into_owned();
            prop_assert!(!shown.chars().any(|c| c != '\n' && is_hidden(c)));
            prop_assert_eq!(make_visible(&shown), shown.as_str());
        }

        #[test]
        fn only_sequences_are_taken_out(text in "[a\u{1b}\\[0m;K ]{0,40}") {
            let kept = without_colours(&text).into_owned();
            let mut whole = text.chars();
            prop_assert!(kept.chars().all(|c| whole.any(|other| other == c)));
            prop_assert!(text.contains('\x1b') || kept == text);
        }
    }
}
