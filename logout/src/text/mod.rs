//! Numbers, sizes, durations and timestamps as people write and read them, and the lines on
//! standard error.

pub(crate) mod backtrace;
pub(crate) mod duration;
pub(crate) mod human;
#[cfg(test)]
pub(crate) mod linear_time;
pub(crate) mod size;
pub(crate) mod sorted_map;
pub(crate) mod source_path;
pub(crate) mod stderr;
pub(crate) mod timestamp;
pub(crate) mod unicode;
pub(crate) mod visible;

/// Returns the first line that is not empty.
pub(crate) fn first_line(text: &str) -> &str {
    text.trim_start().lines().next().unwrap_or_default()
}

/// Returns the longest beginning of `text` that has at most `bytes` bytes and ends between
/// characters.
#[inline]
pub(crate) fn prefix(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
