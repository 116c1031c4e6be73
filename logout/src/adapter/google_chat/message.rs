//! The rendering of a notice as a message with a card.

use std::borrow::Cow;

use crate::adapter::layout::{self, CardParts, FieldText, SEPARATOR};
use crate::adapter::{Form, Notice, code_span, truncate};
use crate::transport::Request;
use crate::transport::request::JsonWriter;

/// The longest message, in bytes of its JSON: 32,000 with text and cards (Google Chat, "Create messages"), less a margin
/// for what the server adds.
const MESSAGE: usize = 30_000;
/// The longest paragraph, in code points with its escapes. Servers refused a longer `text` ("Maximum length of the
/// field is 4096"); whether the same holds for a card is not documented.
const PARAGRAPH: usize = 4_000;

/// The headline.
const HEAD: usize = 600;
/// Context, spans and place, each.
const LINE: usize = 700;
const FIELDS: usize = 30;
/// The value of a field.
const FIELD: usize = 900;
/// All fields together, with the JSON around them.
const ALL_FIELDS: usize = 6_000;
/// All links together.
const ALL_LINKS: usize = 3_000;
const TRAIL: usize = 3_000;
/// The JSON around a paragraph.
const AROUND: usize = 40;
/// The JSON around the two texts of any length: their paragraphs, which lines may leave half empty,
/// and the section of the backtrace.
const AROUND_TEXTS: usize = AROUND * (2 * MESSAGE / PARAGRAPH + 4);
/// The longest key is 4,000 characters; these are the bytes of its parts.
const KEY_PARTS: [usize; 3] = [500, 500, 100];

/// Returns the cost of an escaped character, in bytes of JSON.
fn cost(c: char) -> usize {
    match c {
        '&' => "&amp;".len(),
        '<' | '>' => "&lt;".len(),
        // Before another space it becomes one that does not break lines.
        ' ' => '\u{a0}'.len_utf8(),
        // A zero-width space is inserted between it and a slash.
        ':' => ":\u{200b}".len(),
        c => truncate::json_bytes(c),
    }
}

/// Escapes log text for a paragraph, with white space preserved and addresses broken. Whether apps
/// make links of bare addresses in cards is not documented.
fn escape(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace("://", ":\u{200b}//");
    let mut kept = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    let mut before = '\n';
    while let Some(c) = signs.next() {
        let is_kept = c == ' ' && (before == '\n' || signs.peek() == Some(&' '));
        kept.push(if is_kept { '\u{a0}' } else { c });
        before = c;
    }
    kept
}

/// Makes the message of a notice the body; `mention` is whom it calls.
pub(super) fn write(notice: &Notice, form: Form, mention: Option<String>, request: &mut Request) {
    match form {
        Form::Rich => write_rich(notice, &mention.unwrap_or_default(), request),
        Form::Plain => write_plain(notice, mention, request),
    }
}

fn write_rich(notice: &Notice, mention: &str, request: &mut Request) {
    let mut opening = layout::split_message(notice, HEAD, cost);
    layout::add_trail(&mut opening.block, notice, TRAIL, cost);
    let most = MESSAGE - AROUND_TEXTS;
    layout::write_card(notice, &opening, most, cost, request, |parts, json| {
        let project = layout::joined([&notice.project]);
        let project = truncate::keep_start(&project, HEAD, cost);
        let said = layout::joined([&*parts.head, &*project]);
        json.object(|json| {
            // Chat's own syntax, which knows no escape: only for whom it calls.
            json.some_text("text", mention);
            json.name("cardsV2").array(|json| {
                json.object(|json| {
                    json.name("cardId").text("logout");
                    json.name("card").object(|json| {
                        json.name("sections").array(|json| sections(parts, json));
                    });
                });
            });
            // What a notification shows of a card.
            json.some_text("fallbackText", &without_syntax(&said));
            write_thread(notice, json);
        });
    });
}

fn sections(parts: &CardParts<'_>, json: &mut JsonWriter<'_>) {
    let notice = parts.notice;
    json.object(|json| {
        json.name("widgets").array(|json| {
            paragraph(json, &format!("<b>{}</b>", escape(&parts.head)));
            grey_text(json, &layout::context(notice));
            paragraphs(json, &pieces(&parts.block));
            fields(json, notice);
            grey_text(json, &layout::spans(notice));
            let time = layout::time(notice).map(layout::utc).unwrap_or_default();
            let place = [layout::place(notice), layout::fingerprint(notice), time];
            grey_text(json, &layout::joined(place));
            links(json, notice);
        });
    });
    let backtrace = pieces(&parts.backtrace);
    if !backtrace.is_empty() {
        json.object(|json| {
            json.name("widgets")
                .array(|json| paragraphs(json, &backtrace));
            // The first of several paragraphs stays visible, the others unfold.
            if backtrace.len() > 1 {
                json.name("collapsible").boolean(true);
                json.name("uncollapsibleWidgetsCount").number(1);
            }
        });
    }
}

/// Writes the problem's own thread, whichever replica tells of it; none for several problems.
fn write_thread(notice: &Notice, json: &mut JsonWriter<'_>) {
    if let Some(key) = layout::problem_key(notice, KEY_PARTS) {
        json.name("thread")
            .object(|json| json.name("threadKey").text(&key));
    }
}

/// Writes a paragraph, which reads a part of HTML.
fn paragraph(json: &mut JsonWriter<'_>, text: &str) {
    json.object(|json| {
        json.name("textParagraph")
            .object(|json| json.name("text").text(text));
    });
}

/// Writes a line of grey text; none where there is nothing to say.
fn grey_text(json: &mut JsonWriter<'_>, text: &str) {
    let text = truncate::keep_start(text, LINE, cost);
    if !text.is_empty() {
        let text = format!("<font color=\"#80868b\">{}</font>", escape(&text));
        paragraph(json, &text);
    }
}

/// Returns log text in pieces of the length that Google takes of a paragraph.
fn pieces(text: &str) -> Vec<Cow<'_, str>> {
    // The cost is no less than the code points.
    truncate::split_into_parts(text, usize::MAX, PARAGRAPH, cost)
}

fn paragraphs(json: &mut JsonWriter<'_>, pieces: &[Cow<'_, str>]) {
    for piece in pieces {
        paragraph(json, &escape(piece));
    }
}

fn links(json: &mut JsonWriter<'_>, notice: &Notice) {
    let links = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
    if links.is_empty() {
        return;
    }
    json.object(|json| {
        json.name("buttonList").object(|json| {
            json.name("buttons").array(|json| {
                for link in &links {
                    button(json, &link.name, &link.url);
                }
            });
        });
    });
}

fn button(json: &mut JsonWriter<'_>, text: &str, url: &str) {
    json.object(|json| {
        json.name("text").text(text);
        json.name("onClick").object(|json| {
            json.name("openLink")
                .object(|json| json.name("url").text(url));
        });
    });
}

/// Writes the short fields in one line, then each long one in a paragraph of its own.
fn fields(json: &mut JsonWriter<'_>, notice: &Notice) {
    let (fields, _) = layout::fields(notice, FIELDS, FIELD, cost);
    let fields = layout::fields_within(fields, ALL_FIELDS, 2 * AROUND, cost);
    let short = fields.iter().filter(|field| field.is_short());
    let mut short: Vec<_> = short.map(short_field).collect();
    short.extend(layout::more_fields(notice, fields.len()));
    for line in lines(&short) {
        paragraph(json, &line);
    }
    for field in fields.iter().filter(|field| !field.is_short()) {
        let (name, value) = (escape(&field.name), escape(&field.value));
        paragraph(json, &format!("<b>{name}</b>\n{value}"));
    }
}

fn short_field(field: &FieldText<'_>) -> String {
    let name = escape(&field.name);
    match &*field.value {
        "" => format!("<b>{name}</b> \"\""),
        // A card cannot show code, so quotation marks delimit the value.
        value if !field.is_plain() => format!("<b>{name}</b> “{}”", escape(value)),
        value => format!("<b>{name}</b> {}", escape(value)),
    }
}

/// Returns parts in one line, or in several if one would be too long for a paragraph.
fn lines(parts: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() + 3 <= PARAGRAPH => {
                line.push_str(SEPARATOR);
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
}

/// Breaks up log text where Chat's own syntax may be read, which has no escapes: mentions and
/// links.
fn without_syntax(text: &str) -> String {
    text.replace('<', "<\u{200b}").replace("://", ":\u{200b}//")
}

/// Returns the cost of a character in the plain form with its breaks, in code points.
fn cost_in_fence(c: char) -> usize {
    if matches!(c, '`' | '<' | ':') { 2 } else { 1 }
}

/// Writes the whole notice as code.
fn write_plain(notice: &Notice, mention: Option<String>, request: &mut Request) {
    let whole = layout::plain(notice);
    let mention = mention
        .map(|mention| format!("\n{mention}"))
        .unwrap_or_default();
    let fence = |text: &str| format!("```\n{text}\n```{mention}");
    let room = PARAGRAPH - fence("").chars().count();
    let text = truncate::keep_both_ends(&whole, room, cost_in_fence);
    let text = without_syntax(&text);
    let text = code_span::limit_backtick_runs(&text, 1);
    request.write_json(|json| {
        json.object(|json| {
            json.name("text").text(&fence(&text));
            write_thread(notice, json);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn white_space_survives_and_no_address_does() {
        // A non-breaking space keeps the one after it.
        assert_eq!(
            escape("  a  b c\n    d"),
            "\u{a0} a\u{a0} b c\n\u{a0}\u{a0}\u{a0} d"
        );
        assert_eq!(
            escape("a<b> & https://x"),
            "a&lt;b&gt; &amp; https:\u{200b}//x"
        );
    }
}
