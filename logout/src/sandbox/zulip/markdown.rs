//! Zulip's Markdown, as far as it matters who is mentioned and what stands in code.

use super::super::bare_urls;
use super::super::markdown::{self, MarkdownSpan, closing_backticks};
use super::super::readable::ReadableMessage;

/// A content as the server renders it.
#[derive(Debug, Default)]
pub(super) struct ZulipRendering {
    /// The fence lines are gone from its text.
    pub(super) readable: ReadableMessage,
    /// Wildcards among its mentions, by their names.
    pub(super) wildcards: Vec<String>,
}

/// An open fence. Its block closes only on a line that equals the opening run, however long other
/// runs are (`zerver/lib/markdown/fenced_code.py`).
struct Fence {
    run: String,
    is_code: bool,
}

/// Reads `content` as the server would.
pub(super) fn read(content: &str) -> ZulipRendering {
    let mut rendered = ZulipRendering::default();
    let mut open: Vec<Fence> = Vec::new();
    let mut prose = String::new();
    for line in content.lines() {
        let in_code = open.last().is_some_and(|fence| fence.is_code);
        if open
            .last()
            .is_some_and(|fence| fence.run == line.trim_end())
        {
            open.pop();
            prose.push('\n');
            continue;
        }
        if !in_code && let Some((fence, header)) = opening_fence(line) {
            open.push(fence);
            if !header.is_empty() {
                rendered.readable.text.push_str(header);
                rendered.readable.text.push('\n');
                prose.push_str(header);
            }
            prose.push('\n');
            continue;
        }
        if in_code {
            rendered.readable.text.push_str(line.trim_end());
        } else {
            let plain = markdown::prose(&spans(line));
            prose.push_str(&plain);
            prose.push('\n');
            rendered.readable.text.push_str(&shown(line));
        }
        rendered.readable.text.push('\n');
    }
    rendered.readable = rendered.readable.trimmed();
    find_mentions(&prose, &mut rendered);
    rendered.readable.links = bare_urls::find_urls(&prose);
    rendered
}

/// Returns the fence that a line opens and the rest of the line: three or more of one sign, then perhaps a
/// language, then perhaps a header.
fn opening_fence(line: &str) -> Option<(Fence, &str)> {
    let sign = line.chars().next().filter(|sign| "`~".contains(*sign))?;
    let length = line.chars().take_while(|next| *next == sign).count();
    if length < 3 {
        return None;
    }
    let (run, rest) = line.split_at(length);
    let rest = rest.trim();
    let (language, header) = rest.split_once(' ').unwrap_or((rest, ""));
    let fits = |sign: char| sign.is_ascii_alphanumeric() || "_+-./#{}".contains(sign);
    if !language.chars().all(fits) || header.contains(['`', '~']) {
        return None;
    }
    // Without a language the organisation's default counts, which may be one of these.
    let is_code = !["quote", "quoted", "spoiler", "math", ""].contains(&language);
    let fence = Fence {
        run: run.to_owned(),
        is_code,
    };
    Some((fence, header.trim()))
}

/// Splits a line at its code spans.
fn spans(line: &str) -> Vec<MarkdownSpan<'_>> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let (before, from) = rest.split_at(start);
        spans.push(MarkdownSpan::Prose(before));
        let length = from.chars().take_while(|sign| *sign == '`').count();
        let (run, behind) = from.split_at(length);
        rest = match closing_backticks(behind, length) {
            Some((code, behind)) => {
                spans.push(MarkdownSpan::Code(code));
                behind
            }
            None => {
                spans.push(MarkdownSpan::Prose(run));
                behind
            }
        };
    }
    spans.push(MarkdownSpan::Prose(rest));
    spans
}

/// Returns the line as it is shown: bold signs gone, character references read, times without their
/// marks, of links the text alone, code spans as they are but for their backticks.
fn shown(line: &str) -> String {
    let mut shown = String::new();
    for span in spans(line) {
        match span {
            MarkdownSpan::Prose(prose) => show_prose(prose, &mut shown),
            MarkdownSpan::Code(code) => shown.push_str(code.trim()),
        }
    }
    shown
}

fn show_prose(prose: &str, shown: &mut String) {
    let mut rest = prose;
    while let Some(sign) = rest.chars().next() {
        if let Some((time, behind)) = rest
            .strip_prefix("<time:")
            .and_then(|time| time.split_once('>'))
        {
            shown.push_str(time);
            rest = behind;
        } else if let Some((label, behind)) = masked_link(rest) {
            show_prose(label, shown);
            rest = behind;
        } else if let Some((sign, behind)) = reference(rest) {
            shown.push(sign);
            rest = behind;
        } else if let Some(behind) = rest.strip_prefix("**") {
            rest = behind;
        } else {
            shown.push(sign);
            rest = rest.get(sign.len_utf8()..).unwrap_or_default();
        }
    }
}

/// Returns the text of the link that begins here, to an address or to an uploaded file, and what
/// stands behind it.
fn masked_link(text: &str) -> Option<(&str, &str)> {
    let (label, address, behind) = markdown::masked_link(text)?;
    let mut leads = ["https://", "http://", "/"].into_iter();
    let leads = leads.any(|start| address.starts_with(start));
    leads.then_some((label, behind))
}

/// Returns the character of the reference that begins here, and what stands behind it. The server
/// hands references on (`ENTITY_RE`), and browsers read them.
fn reference(text: &str) -> Option<(char, &str)> {
    let text = text.strip_prefix('&')?;
    let (end, _) = text.char_indices().take(9).find(|(_, sign)| *sign == ';')?;
    let (name, behind) = (text.get(..end)?, text.get(end + 1..)?);
    let sign = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        // As wide as any other space.
        "nbsp" => ' ',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((sign, behind))
}

/// Finds `@**name**` and `@*group*` where they may begin (`zerver/lib/mention.py`).
fn find_mentions(prose: &str, rendered: &mut ZulipRendering) {
    let wildcards = ["all", "everyone", "stream", "channel", "topic"];
    let mut before: Option<char> = None;
    for (index, sign) in prose.char_indices() {
        let may_start = before.is_none_or(|sign| sign.is_whitespace() || "'\"({[/<".contains(sign));
        before = Some(sign);
        if sign != '@' || !may_start {
            continue;
        }
        let Some(rest) = prose.get(index + 1..) else {
            continue;
        };
        // `@_` is the silent form, which notifies no one.
        let stars = rest.chars().take_while(|sign| *sign == '*').count();
        if !(1..=2).contains(&stars) {
            continue;
        }
        let (mark, named) = rest.split_at(stars);
        let Some(end) = named.find('*') else {
            continue;
        };
        let (name, behind) = named.split_at(end);
        if name.is_empty() || !behind.starts_with(mark) {
            continue;
        }
        rendered
            .readable
            .mentions
            .push(format!("@{mark}{name}{mark}"));
        if stars == 2 && wildcards.contains(&name) {
            rendered.wildcards.push(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_equal_to_the_opening_run_closes_a_fence() {
        let content = "````text\n```\n`````\n @**all**\n````\nout @**bob**";
        let read = read(content);
        assert_eq!(read.readable.mentions, ["@**bob**"]);
        assert!(read.wildcards.is_empty());
        assert_eq!(read.readable.text, "```\n`````\n @**all**\nout @bob");
    }

    #[test]
    fn a_fence_without_language_or_a_quote_does_not_silence() {
        assert_eq!(read("```\n@**all**\n```").wildcards, ["all"]);
        assert_eq!(read("```quote\n@**all**\n```").wildcards, ["all"]);
        assert_eq!(read("```spoiler a @**all**\nx\n```").wildcards, ["all"]);
        assert!(read("```text\n@**all**\n```").wildcards.is_empty());
    }

    #[test]
    fn code_spans_keep_what_they_hold() {
        assert_eq!(
            read("**ERROR** in `` a`b ** ``").readable.text,
            "ERROR in a`b **"
        );
        assert_eq!(read("lone ` tick").readable.text, "lone ` tick");
        assert_eq!(read("`&#42;`").readable.text, "&#42;");
    }

    #[test]
    fn references_and_times_are_read_as_browsers_show_them() {
        for (content, text) in [
            ("**a&#42;&#42;b**", "a**b"),
            ("a&nbsp;&nbsp; b &lt;x&gt; &#x41;", "a   b <x> A"),
            ("&#; &#x; &unknown; & a;", "&#; &#x; &unknown; & a;"),
            ("[a&#46;b](https://a.example/x) · [c](x)", "a.b · [c](x)"),
            (
                "`x` · <time:2026-11-28T12:04:31Z>",
                "x · 2026-11-28T12:04:31Z",
            ),
        ] {
            assert_eq!(read(content).readable.text, text, "{content}");
        }
        assert!(
            read("&#64;&#42;&#42;all&#42;&#42; https&#58;//a&#46;example")
                .readable
                .links
                .is_empty()
        );
        assert!(
            read("&#64;&#42;&#42;all&#42;&#42;")
                .readable
                .mentions
                .is_empty()
        );
    }

    #[test]
    fn mentions_follow_the_servers_expression() {
        for (content, mentions) in [
            ("a@**bob**", 0),
            ("(@**bob**", 1),
            ("@_**bob**", 0),
            ("@*ops*", 1),
            ("@\u{200b}**all**", 0),
            ("`@**all**`", 0),
            ("``a ` @**all**``", 0),
            ("`@**bob**", 0),
            ("` @**bob**", 1),
        ] {
            assert_eq!(read(content).readable.mentions.len(), mentions, "{content}");
        }
    }
}
