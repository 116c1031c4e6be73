//! Classes of bytes for the folding of texts.

/// A byte of a word.
pub(super) const WORD: u8 = 1;
pub(super) const LETTER: u8 = 2;
pub(super) const DIGIT: u8 = 4;
pub(super) const SLASH: u8 = 8;
pub(super) const AT: u8 = 16;
/// A byte that ends a word.
pub(super) const END: u8 = 64;
/// A byte beyond ASCII, where quotation marks are, too.
pub(super) const WIDE: u8 = 32;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut rest: &mut [u8] = &mut classes;
    let mut byte = 0;
    while let [class, after @ ..] = rest {
        *class = match byte {
            super::MARK | b'0'..=b'9' => WORD | DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' => WORD | LETTER,
            0x80.. => WORD | LETTER | WIDE,
            b'/' | b'\\' => WORD | SLASH,
            b'@' => WORD | AT,
            b'.' | b'-' | b'_' | b':' | b'+' | b'~' | b'%' | b'$' | b'&' | b'?' | b'*' | b'#' => {
                WORD
            }
            _ => END,
        };
        rest = after;
        byte = byte.wrapping_add(1);
    }
    classes
};

/// Returns the classes of a byte; every byte beyond ASCII counts as a letter.
#[inline]
pub(super) fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Returns the closing mark of the quote that begins here, and the bytes of the opening one.
#[inline]
pub(super) fn quote_at(text: &[u8]) -> Option<(&'static [u8], usize)> {
    let close: &[u8] = match text {
        [b'"', ..] => b"\"",
        [b'\'', ..] => b"'",
        [b'`', ..] => b"`",
        [0xe2 | 0xe3 | 0xc2, ..] => return wide_quote(text),
        _ => return None,
    };
    Some((close, 1))
}

#[cold]
fn wide_quote(text: &[u8]) -> Option<(&'static [u8], usize)> {
    [
        ("„", "“"),
        ("“", "”"),
        ("‘", "’"),
        ("«", "»"),
        ("»", "«"),
        ("「", "」"),
    ]
    .into_iter()
    .find(|(open, _)| text.starts_with(open.as_bytes()))
    .map(|(open, close)| (close.as_bytes(), open.len()))
}
