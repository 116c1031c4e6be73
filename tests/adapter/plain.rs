//! Texts that need nothing done to them.

/// Whether a text should arrive exactly as it is: nothing in it needs to be made visible, and
/// it begins and ends with something to see.
pub(crate) fn is_plain(text: &str) -> bool {
    let odd = |c: char| {
        (c.is_control() && c != '\n')
            || (u32::from(c) & 0xfffe == 0xfffe)
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                | '\u{30a}' | '\u{333}' | '\u{33f}' | '\u{fdd0}'..='\u{fdef}')
    };
    !text.is_empty() && text.trim() == text && !text.chars().any(odd)
}
