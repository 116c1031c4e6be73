//! Texts that need nothing done to them.

/// Returns whether a text should arrive exactly as it is: it has no sign that is made visible, and begins and
/// ends with something to see.
pub(crate) fn is_plain(text: &str) -> bool {
    let odd = |c: char| {
        (c.is_control() && c != '\n')
            || (u32::from(c) & 0xfffe == 0xfffe)
            || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
                | '\u{30a}' | '\u{333}' | '\u{33f}' | '\u{fdd0}'..='\u{fdef}')
    };
    !text.is_empty() && text.trim() == text && !text.chars().any(odd)
}
