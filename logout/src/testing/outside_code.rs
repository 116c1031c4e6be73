//! The part of a Markdown text outside of its code.

/// Returns what of a Markdown text stands in no code block and no code span, read as `CommonMark`
/// reads it: what a chat would take for mentions, links and other markup. Each span becomes a
/// blank.
///
/// A fence is three or more backticks or tildes. It ends at a line with only a fence of the same
/// character that is at least as long. A span ends at a run of as many backticks as it began with.
///
/// ```
/// use logout::testing::outside_code;
///
/// assert_eq!(outside_code("**shop** `@all`\n```text\n@all\n```\n"), "**shop**  \n");
/// // What the log brought along ended the block.
/// assert_eq!(outside_code("```text\na\n```\n@all\n```\n"), "@all\n");
/// ```
#[must_use]
pub fn outside_code(markdown: &str) -> String {
    let mut outside = String::new();
    // No span extends from one paragraph into the next.
    let mut paragraph = String::new();
    let mut open: Option<(char, usize)> = None;
    for line in markdown.lines() {
        match (open, fence(line)) {
            (None, Some((sign, length, info))) if sign == '~' || !info.contains('`') => {
                open = Some((sign, length));
                end(&mut paragraph, &mut outside);
            }
            (None, _) => {
                paragraph.push_str(line);
                paragraph.push('\n');
                if line.trim().is_empty() {
                    end(&mut paragraph, &mut outside);
                }
            }
            (Some((sign, length)), Some((other, longer, "")))
                if sign == other && longer >= length =>
            {
                open = None;
            }
            (Some(_), _) => {}
        }
    }
    end(&mut paragraph, &mut outside);
    outside
}

fn end(paragraph: &mut String, outside: &mut String) {
    add_without_spans(paragraph, outside);
    paragraph.clear();
}

/// Returns the character and the length of a fence, and the text behind it, if the line is one.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let text = line.trim_start_matches(' ');
    let sign = text
        .chars()
        .next()
        .filter(|sign| ['`', '~'].contains(sign))?;
    let info = text.trim_start_matches(sign);
    let length = text.len() - info.len();
    (line.len() - text.len() <= 3 && length >= 3).then_some((sign, length, info.trim()))
}

fn add_without_spans(text: &str, outside: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let (before, from) = rest.split_at(start);
        outside.push_str(before);
        if is_escaped(before) {
            outside.push('`');
            rest = from.get(1..).unwrap_or_default();
            continue;
        }
        let (run, inside) = from.split_at(backticks(from));
        match span_end(inside, run.len()) {
            Some(end) => {
                outside.push(' ');
                rest = inside.get(end..).unwrap_or_default();
            }
            None => {
                outside.push_str(run);
                rest = inside;
            }
        }
    }
    outside.push_str(rest);
}

/// Returns whether a backslash at the end of this text escapes what follows.
fn is_escaped(before: &str) -> bool {
    (before.len() - before.trim_end_matches('\\').len()) % 2 == 1
}

fn backticks(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

/// Returns the end of the next run of exactly `length` backticks.
fn span_end(text: &str, length: usize) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text.get(at..)?.find('`')?;
        let run = backticks(text.get(at..)?);
        at += run;
        if run == length {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::outside_code;

    #[test]
    fn only_a_fence_of_its_own_kind_and_length_ends_a_block() {
        for inside in ["~~~", "``", "``` x", "    ```", "x ```"] {
            let text = format!("a\n```\n{inside}\n@all\n```\nb");
            assert_eq!(outside_code(&text), "a\nb\n", "{inside}");
        }
        assert_eq!(outside_code("````\n```\n@all\n````\n"), "");
        assert_eq!(outside_code("```\n@all\n````\nb"), "b\n");
    }

    #[test]
    fn a_block_that_nobody_ends_takes_the_rest() {
        assert_eq!(outside_code("a\n```\n@all"), "a\n");
    }

    #[test]
    fn a_span_ends_where_as_many_backticks_stand() {
        for (text, outside) in [
            ("a `b` c", "a   c\n"),
            ("`` a`b `` @all", "  @all\n"),
            ("``` a ``` @all", "  @all\n"),
            ("`a\n` @all `b`", "  @all  \n"),
            ("`a\n\n` @all `b`", "`a\n\n b`\n"),
            ("`a`` @all", "`a`` @all\n"),
            ("\\`@all`", "\\`@all`\n"),
            ("\\\\`@all`", "\\\\ \n"),
        ] {
            assert_eq!(outside_code(text), outside, "{text}");
        }
    }
}
