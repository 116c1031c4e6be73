//! Characters that a reader could not see, made visible.

use std::borrow::Cow;
use std::fmt::Write as _;

/// How many spaces a tab becomes: chats collapse or drop tabs, and a trace loses its indentation.
const TAB: &str = "    ";

/// The text with nothing invisible in it: line feeds stay, tabs become spaces, CR LF becomes LF;
/// every other control character, line separator, directional override and zero-width mark is
/// shown as a picture (`␛`) or by its number (`\u{202e}`).
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(|c| c != '\n' && is_hidden(c)) else {
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
            c if is_hidden(c) => {
                let _infallible = write!(shown, "{}", c.escape_unicode());
            }
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // Noncharacters, which Zulip refuses in a topic and others drop.
            | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}'
            // Tags, which hide a second text in the first.
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::{clean, is_hidden};

    #[test]
    fn ordinary_text_is_left_alone() {
        assert!(matches!(clean("naïve 👩‍🚀\nλ"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(clean("\x1b[31mred\x1b[0m"), "␛[31mred␛[0m");
        assert_eq!(clean("a\0b\x7f\u{85}"), "a␀b␡\\u{85}");
        assert_eq!(clean("user\u{202e}gpj.exe"), "user\\u{202e}gpj.exe");
        assert_eq!(clean("one\r\ntwo\rthree\ttab"), "one\ntwo␍three    tab");
    }

    proptest! {
        #[test]
        fn nothing_hidden_remains(text in any::<String>()) {
            prop_assert!(!clean(&text).chars().any(|c| c != '\n' && is_hidden(c)));
        }

        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            let once = clean(&text).into_owned();
            prop_assert_eq!(clean(&once).into_owned(), once.clone());
        }
    }
}
