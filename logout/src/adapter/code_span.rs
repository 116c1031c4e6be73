//! Code spans and fences, which end at a run of backticks as long as the one they began with.

use std::borrow::Cow;

/// A zero-width space, put between two backticks that must not be read together.
pub(super) const BREAK: char = '\u{200b}';

/// Returns the text with no run of backticks longer than `longest`, which bounds the length of a
/// fence.
pub(super) fn limit_backtick_runs(text: &str, longest: usize) -> Cow<'_, str> {
    if !text.contains('`') || !has_run_beyond(text, longest) {
        return Cow::Borrowed(text);
    }
    let mut bounded = String::with_capacity(text.len() + 16);
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        if run > longest {
            bounded.push(BREAK);
            run = 1;
        }
        bounded.push(c);
    }
    Cow::Owned(bounded)
}

/// Returns whether a run of backticks is longer than `longest`. The search advances in steps of
/// that length.
fn has_run_beyond(text: &str, longest: usize) -> bool {
    let bytes = text.as_bytes();
    let is_backtick = |byte: &&u8| **byte == b'`';
    let mut met = (longest..bytes.len()).step_by(longest + 1);
    met.any(|at| {
        let (before, behind) = bytes.split_at_checked(at).unwrap_or_default();
        let behind = behind.iter().take_while(is_backtick).count();
        behind > 0 && before.iter().rev().take_while(is_backtick).count() + behind > longest
    })
}

/// Returns the length of the longest run of backticks.
pub(super) fn longest_backtick_run(text: &str) -> usize {
    if !text.contains('`') {
        return 0;
    }
    let (longest, _) = text.chars().fold((0, 0), |(longest, run), c| {
        let run = if c == '`' { run + 1 } else { 0 };
        (usize::max(longest, run), run)
    });
    longest
}

/// Returns a text as a code span on one line: the delimiter is longer than any run inside, and
/// separated by a space from a backtick at either end.
pub(super) fn code_span(text: &str) -> String {
    let delimiter = longest_backtick_run(text) + 1;
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    let mut span = String::with_capacity(text.len() + 2 * (delimiter + pad.len()));
    push_backticks(&mut span, delimiter);
    for part in [pad, text, pad] {
        span.push_str(part);
    }
    push_backticks(&mut span, delimiter);
    span
}

/// Adds this many backticks.
pub(super) fn push_backticks(text: &mut String, count: usize) {
    text.extend(std::iter::repeat_n('`', count));
}

#[cfg(test)]
mod tests {
    use super::{code_span, limit_backtick_runs};

    #[test]
    fn a_code_span_is_longer_than_any_run_inside() {
        assert_eq!(code_span("a"), "`a`");
        assert_eq!(code_span("a``b"), "```a``b```");
        assert_eq!(code_span("`"), "`` ` ``");
    }

    #[test]
    fn runs_are_bounded() {
        assert_eq!(
            limit_backtick_runs("````` ``", 2),
            "``\u{200b}``\u{200b}` ``"
        );
        assert_eq!(limit_backtick_runs("```", 3), "```");
    }
}
