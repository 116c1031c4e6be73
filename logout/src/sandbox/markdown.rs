//! The parts of Markdown that several platforms share.

/// A part of a text.
pub(super) enum MarkdownSpan<'t> {
    Prose(&'t str),
    Code(&'t str),
}

/// Returns what stands outside of code, with a blank for each span of it.
pub(super) fn prose(spans: &[MarkdownSpan<'_>]) -> String {
    let prose = spans.iter().map(|span| match span {
        MarkdownSpan::Prose(prose) => prose,
        MarkdownSpan::Code(_) => " ",
    });
    prose.collect()
}

/// Returns what stands before the next run of exactly so many backticks, and behind it.
pub(super) fn closing_backticks(text: &str, length: usize) -> Option<(&str, &str)> {
    let mut at = 0;
    loop {
        let start = at + text.get(at..)?.find('`')?;
        let rest = text.get(start..)?;
        let run = rest.len() - rest.trim_start_matches('`').len();
        if run == length {
            return Some((text.get(..start)?, text.get(start + run..)?));
        }
        at = start + run;
    }
}

/// Returns text, address and what stands behind the link that begins here.
pub(super) fn masked_link(text: &str) -> Option<(&str, &str, &str)> {
    let (label, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (address, behind) = behind.split_once(')')?;
    let is_one = !label.is_empty() && !label.contains(['[', ']']);
    let leads = !address.is_empty() && !address.contains(char::is_whitespace);
    (is_one && leads).then_some((label, address, behind))
}
