//! Zulip's messages as its server reads them: fences, code spans, the inline patterns in their order,
//! and their limits.
#![allow(
    dead_code,
    reason = "every test is a crate of its own and uses its part of this"
)]

use logout::Notice;
use logout::adapter::Request;

use super::plain_text::is_plain;

/// Returns the value of a field of the form.
pub(crate) fn value(request: &Request, name: &str) -> String {
    let mut pairs = form_urlencoded::parse(request.body());
    let (_, value) = pairs.find(|(known, _)| known == name).unwrap();
    value.into_owned()
}

/// The code blocks of a page and the lines outside of them, as the server's `fenced_code.py` sees it.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) blocks: Vec<String>,
    /// The lines outside of blocks, as they are shown.
    pub(crate) lines: Vec<Line>,
}

/// A line as it is shown.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// What people read; a code span stands between `⟦` and `⟧`.
    pub(crate) text: String,
    /// What of that is bold.
    pub(crate) bold: Vec<String>,
    /// What notifies, links, styles or becomes a picture.
    live: Vec<String>,
}

fn page(content: &str) -> Page {
    let mut page = Page::default();
    // Open fences, outermost first, each with whether its content is code.
    let mut open: Vec<(String, bool)> = Vec::new();
    for line in content.split('\n') {
        let line = line.trim_end();
        if open.last().is_some_and(|(fence, _)| line == fence) {
            open.pop();
            continue;
        }
        if open.last().is_some_and(|(_, is_code)| *is_code) {
            let block = page.blocks.last_mut().unwrap();
            block.push_str(line);
            block.push('\n');
            continue;
        }
        let rest = line.trim_start_matches('`');
        let ticks = line.len() - rest.len();
        if (ticks >= 3 && !rest.contains(['`', '~'])) || line.starts_with("~~~") {
            assert!(ticks >= 3, "a fence of the log's: {line}");
            let is_code = match rest {
                "text" => true,
                "spoiler Backtrace" | "spoiler trail" | "spoiler trail cut" => false,
                other => panic!("a fence of the log's: {other}"),
            };
            if is_code {
                page.blocks.push(String::new());
            }
            open.push((line[..ticks].to_owned(), is_code));
            continue;
        }
        page.lines.push(read(line));
    }
    assert!(open.is_empty(), "a fence is left open");
    page
}

/// Reads a line as the block processors and inline patterns of `zerver/lib/markdown/__init__.py` do.
pub(crate) fn read(line: &str) -> Line {
    let mut live = Vec::new();
    let mut spans = Vec::new();
    let prose = without_spans(line, &mut spans);
    live.extend(block(&prose));
    find_linked(&prose, &mut live);
    let mut decoded = Vec::new();
    let prose = without_references(&prose, &mut decoded, &mut live);
    let (prose, bold) = without_bold(&prose);
    find_styled(&prose, &mut live);
    // What was taken out comes back, now that nothing is read any more.
    let (mut spans, mut decoded) = (spans.into_iter(), decoded.into_iter());
    let parts = prose.chars().map(|c| match c {
        SPAN => format!("⟦{}⟧", spans.next().unwrap()),
        DECODED => decoded.next().unwrap(),
        c => c.to_string(),
    });
    let parts: Vec<_> = parts.collect();
    Line {
        bold: bold
            .into_iter()
            .map(|range| parts[range].concat())
            .collect(),
        text: parts.concat(),
        live,
    }
}

/// Stand for a code span, and for what came of a reference or a time. They are no characters, so no
/// text that was made visible holds them.
const SPAN: char = '\u{fdd0}';
const DECODED: char = '\u{fdd1}';

/// Returns a line without its code spans, and collects the spans. A span ends at the next run of as many
/// backticks as it begins with.
fn without_spans(line: &str, spans: &mut Vec<String>) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        assert!(!outside.ends_with('\\'));
        let inside = rest[start..].trim_start_matches('`');
        let ticks = rest[start..].len() - inside.len();
        let mut at = 0;
        let end = loop {
            let Some(found) = inside[at..].find('`') else {
                panic!("an open span: {line}")
            };
            let run =
                inside[at + found..].len() - inside[at + found..].trim_start_matches('`').len();
            at += found + run;
            if run == ticks {
                break at;
            }
        };
        outside.push(SPAN);
        spans.push(inside[..end - ticks].trim().to_owned());
        rest = &inside[end..];
    }
    outside + rest
}

/// Returns a finding if the line is no paragraph: `hashheader`, `hr`, `olist`, `ulist`, `quote`, `code` or
/// `table`. The commands `/me`, `/poll` and `/todo` work only where a message begins, and the adapter's begin
/// with an emoji.
fn block(line: &str) -> Option<String> {
    let text = line.trim_start_matches(' ');
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let rule = |sign| {
        let rest = line.replace(sign, "");
        rest.trim().is_empty() && line.len() - rest.len() >= 3
    };
    let is_item = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let is_block = text.starts_with(['#', '>'])
        || ['-', '_', '*'].into_iter().any(rule)
        || text.strip_prefix(['*', '+', '-']).is_some_and(is_item)
        || (number.len() < text.len() && number.strip_prefix('.').is_some_and(is_item))
        || line.starts_with("    ")
        || line.contains('|');
    is_block.then(|| format!("block: {line}"))
}

/// Collects what the patterns before the character references find: formulas, streams, mentions, links, and
/// addresses, of which a name and the end of a domain are enough.
fn find_linked(prose: &str, live: &mut Vec<String>) {
    let signs: Vec<char> = prose.chars().collect();
    let at = |index: usize| signs.get(index).copied().unwrap_or(' ');
    for (index, sign) in signs.iter().enumerate() {
        let before = index.checked_sub(1).map_or(' ', at);
        let next = at(index + 1);
        let found = match sign {
            '@' => {
                matches!(next, '*' | '_') || (before.is_alphanumeric() && next.is_alphanumeric())
            }
            '#' => next == '*',
            '$' => next == '$',
            '[' => signs[index..].windows(2).any(|pair| pair == [']', '(']),
            ':' => next == '/' && at(index + 2) == '/',
            '.' => before.is_alphanumeric() && next.is_alphabetic(),
            _ => false,
        };
        if found {
            live.push(signs[index..].iter().take(20).collect());
        }
    }
}

/// Returns the line with its times and character references as browsers show them (`TIMESTAMP_RE`,
/// `ENTITY_RE`).
fn without_references(prose: &str, decoded: &mut Vec<String>, live: &mut Vec<String>) -> String {
    let mut shown = String::new();
    let mut rest = prose;
    while let Some(start) = rest.find(['&', '<']) {
        shown.push_str(&rest[..start]);
        rest = &rest[start..];
        let (part, behind) = match rest.strip_prefix("<time:") {
            Some(time) => {
                let (time, behind) = time.split_once('>').unwrap();
                let digits = time.bytes().filter(u8::is_ascii_digit).count();
                if time.len() != 20 || digits != 14 {
                    live.push(format!("<time:{time}>"));
                }
                (Some(time.to_owned()), behind)
            }
            None => reference(rest),
        };
        match part {
            Some(part) => {
                decoded.push(part);
                shown.push(DECODED);
                rest = behind;
            }
            None => {
                shown.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    shown + rest
}

/// Returns the character of a reference, and the text behind it.
fn reference(text: &str) -> (Option<String>, &str) {
    let name = text[1..].find(';').map_or("", |end| &text[1..=end]);
    let word = name.strip_prefix('#').unwrap_or(name);
    if word.is_empty() || !word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return (None, text);
    }
    let number = name
        .strip_prefix('#')
        .and_then(|number| number.parse().ok());
    let c = match name {
        "nbsp" => Some(' '),
        _ => number.and_then(char::from_u32),
    };
    let c = c.unwrap_or_else(|| panic!("&{name}; is none of ours"));
    (Some(c.to_string()), &text[name.len() + 2..])
}

/// Returns the line without the marks of bold text, and the ranges of its bold characters (`STRONG_RE`).
fn without_bold(prose: &str) -> (String, Vec<std::ops::Range<usize>>) {
    let (mut plain, mut bold) = (String::new(), Vec::new());
    let mut rest = prose;
    while let Some((before, inside)) = rest.split_once("**") {
        let (text, behind) = inside.split_once("**").expect("a bold mark of the log's");
        plain.push_str(before);
        let start = plain.chars().count();
        plain.push_str(text);
        bold.push(start..plain.chars().count());
        rest = behind;
    }
    (plain + rest, bold)
}

/// Collects what the patterns after bold find: emphasis, strikethrough, emoji and emoticons; and spaces that
/// a browser shows as one.
fn find_styled(prose: &str, live: &mut Vec<String>) {
    let is_name = |c: char| c.is_alphanumeric() || "_-+".contains(c);
    let is_emoji = |name: &&str| !name.is_empty() && name.chars().all(is_name);
    let mut names = prose.split(':').skip(1).collect::<Vec<_>>();
    names.pop();
    live.extend(
        names
            .into_iter()
            .filter(is_emoji)
            .map(|name| format!(":{name}:")),
    );
    let marks = ["*", "<", ">", "~~", "  "];
    let emoticons = [":)", "(:", ":(", ":/", ":|", ":'(", ":D", ":O", ";)"];
    let found = marks.into_iter().chain(emoticons);
    live.extend(found.filter(|mark| prose.contains(mark)).map(str::to_owned));
}

/// Returns the text of a part, and fails if anything in it is markup.
pub(crate) fn text_without_markup(markdown: &str) -> String {
    let mut line = read(&format!("x {markdown}"));
    assert!(line.live.is_empty(), "markup in {markdown:?}: {line:#?}");
    line.text.split_off(2)
}

/// Fails if text of the log is markup, a part exceeds a limit, or a text has changed.
pub(crate) fn judge(notice: &Notice, request: &Request) -> Page {
    assert_eq!(value(request, "type"), "stream");
    assert_eq!(
        value(request, "to"),
        "\"123\"",
        "a stream's name, not its number"
    );
    let topic = value(request, "topic");
    assert!((1..=60).contains(&topic.chars().count()) && topic.trim() == topic);
    assert!(
        !topic
            .chars()
            .any(|c| c.is_control() || u32::from(c) & 0xfffe == 0xfffe)
    );
    let content = value(request, "content");
    assert!(
        content.chars().count() <= 10_000,
        "{}",
        content.chars().count()
    );
    assert!(!content.contains(['\0', '\u{2}', '\u{3}']) && content.trim_end() == content);
    let page = page(&content);
    for line in &page.lines {
        assert!(line.live.is_empty(), "markup: {line:#?}");
    }
    if page.lines.iter().any(|line| !line.text.is_empty()) {
        judge_text(notice, &page);
    }
    page
}

/// Fails if the headline, the project, or a short value is not read as it was written.
fn judge_text(notice: &Notice, page: &Page) {
    let is_line =
        |text: &str, most| is_plain(text) && !text.contains('\n') && text.chars().count() <= most;
    let head = &page.lines[0];
    assert_eq!(head.bold.len(), 1, "{head:?}");
    assert_eq!(head.text, format!("{} {}", notice.emoji(), head.bold[0]));
    if is_line(&notice.headline, 300) {
        assert_eq!(head.bold[0], notice.headline);
    }
    let context = notice.context();
    if is_line(&context, 300) {
        assert_eq!(page.lines[1].text, context);
    }
    let shown: Vec<_> = page.lines[1..].iter().map(|line| &line.text).collect();
    let is_value = |text: &str| is_line(text, 40) && !text.contains("  ") && !text.contains(" · ");
    for field in notice.fields.iter().take(3) {
        if is_line(&field.name, 100) && is_value(&field.value) {
            let item = format!("{} {}", field.name, field.value);
            assert!(
                shown.iter().any(|line| line.contains(&item)),
                "{item:?}: {shown:#?}"
            );
        }
    }
}
