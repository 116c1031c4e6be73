//! The rendering of a notice in Mattermost's Markdown: the headline as the text, all else in an
//! attachment.
//!
//! The server imitates Slack in code, too: `<!here>`, `<@id>` and, in the text of a message,
//! `<url|text>` are replaced before any Markdown is read. [`without_slack`] prevents that.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::inline;
use crate::adapter::Notice;
use crate::adapter::code_span::{BREAK, limit_backtick_runs};
use crate::adapter::layout::{self, FieldText, SEPARATOR, add_line};
use crate::adapter::truncate;
use crate::transport::request::JsonWriter;

/// The limit of a message, in runes. The server divides what is longer, through any fence. Whether
/// the text of an attachment counts towards it is not documented; here it does.
const MESSAGE: usize = 16_383;
/// The headline: a notification shows a line or two.
const HEADLINE: usize = 300;
/// Place and spans, each.
const LINE: usize = 500;
const FIELDS: usize = 40;
const FIELD: usize = 500;
/// All fields together.
const ALL_FIELDS: usize = 3_000;
/// All links together.
const ALL_LINKS: usize = 3_000;
/// The trail; the panel has the rest.
const TRAIL: usize = 3_000;
/// The text in the panel beside a message, which is read like a message.
const CARD: usize = 16_000;

/// Returns the cost of a character: a break may be inserted after `<` and a backtick.
fn cost(c: char) -> usize {
    if matches!(c, '<' | '`') { 2 } else { 1 }
}

/// Returns the notice in one fence.
pub(super) fn plain(notice: &Notice, mention: Option<&str>) -> String {
    let whole = layout::plain(notice);
    let room = MESSAGE - fence("").len() - 80;
    let fenced = fence(&truncate::keep_both_ends(&whole, room, cost));
    let mut text = without_slack(&fenced);
    add_mention(&mut text, mention);
    text
}

/// Writes the text, the attachment, and the panel where something had to be left out.
pub(super) fn write_rich(notice: &Notice, mention: Option<&str>, json: &mut JsonWriter<'_>) {
    let message = layout::split_message(notice, HEADLINE, cost);
    let mut text = format!("{} {}", notice.emoji(), inline::escape(&message.line));
    add_mention(&mut text, mention);

    let (below, mut whole) = below(notice);
    let mut body = String::new();
    let context = layout::context(notice);
    let context = truncate::keep_start(&context, HEADLINE, cost);
    add_line(&mut body, &inline::escape_at_start(&context));

    let trail = layout::trail(notice, TRAIL, cost);
    whole &= trail.as_ref().is_none_or(|trail| trail.whole);
    let led = trail.map(|trail| format!("{}\n{}", trail.title, fence(&trail.text)));
    let led = led.unwrap_or_default();

    let trace = layout::backtrace(notice);
    let taken = [&text, &body, &led, &below].map(|part| truncate::total_cost(part, cost) + 1);
    // Two fences, each with a line feed after it.
    let taken = taken.iter().sum::<usize>() + 2 * (fence("").len() + 1);
    let room = MESSAGE.saturating_sub(taken);
    let [block, shown] = truncate::share(room, [&message.block, &trace], cost);
    whole &= block.len() == message.block.len() && shown.len() == trace.len();

    add_fence(&mut body, &block);
    add_line(&mut body, &led);
    add_line(&mut body, &below);
    add_fence(&mut body, &shown);

    json.name("text").text(&without_slack(&text));
    if !body.is_empty() {
        let fallback = format!("{} {}", notice.emoji(), message.line);
        let colour = format!("#{:06x}", layout::colour(notice.severity));
        json.name("attachments")
            .array(|json| attachment(json, &fallback, &colour, &body));
    }
    if !whole || layout::needs_file(notice, None) {
        let file = layout::file(notice);
        let card = fence(&truncate::keep_both_ends(file.trim_end(), CARD, cost));
        json.name("props")
            .object(|json| json.name("card").text(&without_announcements(&card)));
    }
}

/// Writes what stands below the headline, with a bar in the level's colour; `fallback` is what a notification shows.
fn attachment(json: &mut JsonWriter<'_>, fallback: &str, colour: &str, text: &str) {
    json.object(|json| {
        json.name("fallback").text(&without_announcements(fallback));
        json.name("color").text(colour);
        json.name("text").text(&without_announcements(text));
    });
}

fn add_mention(text: &mut String, mention: Option<&str>) {
    if let Some(mention) = mention {
        let apart = if text.ends_with('`') && text.contains('\n') {
            '\n'
        } else {
            ' '
        };
        let _infallible = write!(text, "{apart}@{}", mention.trim_start_matches('@'));
    }
}

fn add_fence(body: &mut String, text: &str) {
    if !text.is_empty() {
        add_line(body, &fence(text));
    }
}

/// Returns fields, spans, links and place, and whether those are all fields.
fn below(notice: &Notice) -> (String, bool) {
    let (mut below, whole) = layout::field_lines(
        notice,
        layout::fields(notice, FIELDS, FIELD, cost),
        ALL_FIELDS,
        cost,
        field_item,
    );
    add_line(&mut below, &span(&layout::spans(notice), LINE));
    add_line(&mut below, &links(notice));
    let place = [
        span(&layout::place(notice), LINE),
        span(&layout::fingerprint(notice), LINE),
        layout::time(notice).map(layout::utc).unwrap_or_default(),
    ];
    let place: Vec<_> = place.into_iter().filter(|part| !part.is_empty()).collect();
    add_line(&mut below, &place.join(SEPARATOR));
    (below, whole)
}

/// Returns the name in bold and the value as text, as code, or in a fence below.
fn field_item(field: &FieldText<'_>) -> String {
    // Bold ends at the first two stars, even in code.
    let name = match inline::is_ordinary(&field.name) {
        true => format!("**{}**", inline::escape(&field.name)),
        false => span(&field.name, FIELD),
    };
    match &*field.value {
        "" => format!("{name} {}", span("\"\"", FIELD)),
        value if field.is_plain() => format!("{name} {}", inline::escape(value)),
        value if value.contains('\n') => format!("{name}\n{}", fence(value)),
        value => format!("{name} {}", span(value, FIELD)),
    }
}

/// Returns the links, side by side.
fn links(notice: &Notice) -> String {
    let name = |name: &str| inline::escape(&name.replace('[', "(").replace(']', ")"));
    let links = layout::links(notice, ALL_LINKS, ALL_LINKS, name, layout::markdown_url);
    let links = links
        .iter()
        .map(|link| format!("[{}]({})", link.name, link.url));
    links.collect::<Vec<_>>().join(SEPARATOR)
}

/// Returns a code span of at most about `budget`, empty for nothing.
fn span(text: &str, budget: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    inline::as_code(&truncate::keep_start(text, budget, cost))
}

/// Returns a code block with a fence longer than any run of backticks inside.
fn fence(text: &str) -> String {
    format!("```text\n{}\n```", limit_backtick_runs(text, 2))
}

/// Returns a text with a break in angle brackets that the server would read as Slack's announcement
/// or user id.
fn without_announcements(text: &str) -> Cow<'_, str> {
    let begins = |behind: &str| behind.starts_with(['!', '@']);
    let is_there = |(at, _)| begins(text.get(at + 1..).unwrap_or_default());
    if !text.match_indices('<').any(is_there) {
        return Cow::Borrowed(text);
    }
    let mut broken = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for piece in text.split_inclusive('<') {
        broken.push_str(piece);
        at += piece.len();
        if piece.ends_with('<') && begins(text.get(at..).unwrap_or_default()) {
            broken.push(BREAK);
        }
    }
    Cow::Owned(broken)
}

/// A character that looks like `|`.
const LINE_LIKE: &str = "\u{2223}";

/// Returns the text of a message, in which the server also replaces `<address|name>`
/// (`linkWithTextRegex`): any character between the two brackets counts as part of them, so only
/// a look-alike in place of `|` prevents it.
fn without_slack(text: &str) -> String {
    let text = without_announcements(text);
    let mut written = String::with_capacity(text.len() + 16);
    let mut rest = text.as_ref();
    while let Some((before, behind)) = rest.split_once('<') {
        written.push_str(before);
        written.push('<');
        rest = behind;
        if let Some((address, name)) = named_link(behind) {
            written.push_str(address);
            written.push_str(LINE_LIKE);
            rest = name;
        }
    }
    written.push_str(rest);
    written
}

/// Returns the address and the text after the line, if a link with a name begins here.
fn named_link(inside: &str) -> Option<(&str, &str)> {
    let end = inside.find(['\n', '<', '|', '>']).filter(|end| *end > 0)?;
    let (address, behind) = inside.split_at_checked(end)?;
    let behind = behind.strip_prefix('|')?;
    let end = behind.find(['|', '\n', '>']).filter(|end| *end > 0)?;
    let is_closed = behind.get(end..)?.starts_with('>');
    is_closed.then_some((address, behind))
}

#[cfg(test)]
mod tests {
    use super::{fence, without_slack};

    #[test]
    fn what_the_server_takes_from_slack_is_broken() {
        for (text, broken) in [
            ("<!here> <@U1>", "<\u{200b}!here> <\u{200b}@U1>"),
            ("<!here|x>", "<\u{200b}!here\u{2223}x>"),
            ("<https://a|b>", "<https://a\u{2223}b>"),
            ("<a b|c d>", "<a b\u{2223}c d>"),
            ("<a|b <c|d>", "<a|b <c\u{2223}d>"),
            ("<<a|b>", "<<a\u{2223}b>"),
            (
                "Vec<u8> | x <y> <|> <a|> <\na|b>",
                "Vec<u8> | x <y> <|> <a|> <\na|b>",
            ),
        ] {
            assert_eq!(without_slack(text), broken, "{text}");
        }
    }

    #[test]
    fn no_fence_ends_early() {
        assert_eq!(fence("a\n```\nb"), "```text\na\n``\u{200b}`\nb\n```");
    }
}
