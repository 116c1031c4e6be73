//! The rendering of a notice as a message with a card.

use serde::Serialize;

use crate::adapter::layout::{self, APART, CardParts, LinkText};
use crate::adapter::{Form, Notice, code_span, log_text, truncate};

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

/// The body of a request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    /// Text in Chat's own syntax, which has no escapes: only for a mention, and for code.
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cards_v2: Vec<CardWithId>,
    /// The text that a notification shows for a card.
    #[serde(skip_serializing_if = "String::is_empty")]
    fallback_text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread: Option<Thread>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    thread_key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardWithId {
    card_id: &'static str,
    card: Card,
}

#[derive(Serialize)]
struct Card {
    sections: Vec<Section>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Section {
    widgets: Vec<Widget>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    collapsible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncollapsible_widgets_count: Option<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Widget {
    /// Reads a part of HTML.
    TextParagraph {
        text: String,
    },
    ButtonList {
        buttons: Vec<Button>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Button {
    text: String,
    on_click: OnClick,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OnClick {
    open_link: OpenLink,
}

#[derive(Serialize)]
struct OpenLink {
    url: String,
}

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

/// Returns the message of a notice, with a mention.
pub(super) fn message(notice: &Notice, form: Form, mention: Option<String>) -> Message {
    match form {
        Form::Rich => rich(notice, &mention.unwrap_or_default()),
        Form::Plain => plain(notice, mention),
    }
}

fn rich(notice: &Notice, mention: &str) -> Message {
    let mut opening = layout::split_message(notice, HEAD, cost);
    layout::add_trail(&mut opening.block, notice, TRAIL, cost);
    layout::card(notice, &opening, MESSAGE - AROUND_TEXTS, cost, |parts| {
        let project = layout::joined([&notice.project]);
        let project = truncate::keep_start(&project, HEAD, cost);
        let said = layout::joined([&*parts.head, &*project]);
        Message {
            text: mention.to_owned(),
            cards_v2: vec![CardWithId {
                card_id: "logout",
                card: Card {
                    sections: sections(parts),
                },
            }],
            fallback_text: without_syntax(&said),
            thread: thread(notice),
        }
    })
}

fn sections(parts: &CardParts<'_>) -> Vec<Section> {
    let notice = parts.notice;
    let mut widgets = vec![paragraph(format!("<b>{}</b>", escape(&parts.head)))];
    widgets.extend(quiet(&layout::context(notice)));
    widgets.extend(paragraphs(&parts.block));
    widgets.extend(fields(notice));
    widgets.extend(quiet(&layout::spans(notice)));
    let time = layout::time(notice).map(layout::utc).unwrap_or_default();
    let place = [layout::place(notice), layout::fingerprint(notice), time];
    widgets.extend(quiet(&layout::joined(place)));
    widgets.extend(links(notice));
    let mut sections = vec![Section {
        widgets,
        collapsible: false,
        uncollapsible_widgets_count: None,
    }];
    let backtrace = Vec::from_iter(paragraphs(&parts.backtrace));
    if !backtrace.is_empty() {
        // The first of several paragraphs stays visible, the others unfold.
        let folds = backtrace.len() > 1;
        sections.push(Section {
            widgets: backtrace,
            collapsible: folds,
            uncollapsible_widgets_count: folds.then_some(1),
        });
    }
    sections
}

/// Returns the problem's own thread, the same for all replicas; none for several problems.
fn thread(notice: &Notice) -> Option<Thread> {
    let fingerprint = log_text::one_line(&notice.fingerprint);
    if fingerprint.is_empty() {
        return None;
    }
    let project = log_text::one_line(&notice.project);
    let environment = log_text::one_line(&notice.environment);
    let parts = [&project, &environment, &fingerprint]
        .into_iter()
        .zip(KEY_PARTS);
    let parts = parts.map(|(part, most)| truncate::keep_start(part, most, truncate::bytes));
    let thread_key = parts.collect::<Vec<_>>().join("/");
    Some(Thread { thread_key })
}

/// Returns a paragraph of HTML of our own.
fn paragraph(text: String) -> Widget {
    Widget::TextParagraph { text }
}

/// Returns a line of grey text; none if it is empty.
fn quiet(text: &str) -> Option<Widget> {
    let text = truncate::keep_start(text, LINE, cost);
    (!text.is_empty())
        .then(|| paragraph(format!("<font color=\"#80868b\">{}</font>", escape(&text))))
}

/// Returns log text in paragraphs of the length that Google takes.
fn paragraphs(text: &str) -> impl Iterator<Item = Widget> {
    // The cost is no less than the code points.
    let pieces = truncate::split_into_parts(text, usize::MAX, PARAGRAPH, cost);
    pieces.into_iter().map(|piece| paragraph(escape(&piece)))
}

fn links(notice: &Notice) -> Option<Widget> {
    let links = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
    let button = |link: LinkText| Button {
        text: link.name,
        on_click: OnClick {
            open_link: OpenLink { url: link.url },
        },
    };
    let buttons: Vec<_> = links.into_iter().map(button).collect();
    (!buttons.is_empty()).then_some(Widget::ButtonList { buttons })
}

/// Returns short fields in one line, then each long one in a paragraph of its own.
fn fields(notice: &Notice) -> Vec<Widget> {
    let (fields, _) = layout::fields(notice, FIELDS, FIELD, cost);
    let fields = layout::fields_within(fields, ALL_FIELDS, 2 * AROUND, cost);
    let mut short = Vec::new();
    let mut long = Vec::new();
    for field in &fields {
        let name = escape(&field.name);
        if field.is_short() {
            let value = match &*field.value {
                "" => "\"\"".to_owned(),
                // A card cannot show code, so quotation marks delimit the value.
                value if !field.is_plain() => format!("“{}”", escape(value)),
                value => escape(value),
            };
            short.push(format!("<b>{name}</b> {value}"));
        } else {
            long.push(paragraph(format!(
                "<b>{name}</b>\n{}",
                escape(&field.value)
            )));
        }
    }
    short.extend(layout::more_fields(notice, fields.len()));
    let mut widgets = Vec::new();
    if !short.is_empty() {
        widgets.extend(lines(&short));
    }
    widgets.extend(long);
    widgets
}

/// Returns parts in one line, or in several if one would be too long for a paragraph.
fn lines(parts: &[String]) -> Vec<Widget> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() + 3 <= PARAGRAPH => {
                line.push_str(APART);
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines.into_iter().map(paragraph).collect()
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

/// Returns the whole notice as code.
fn plain(notice: &Notice, mention: Option<String>) -> Message {
    let whole = layout::plain(notice);
    let mention = mention
        .map(|mention| format!("\n{mention}"))
        .unwrap_or_default();
    let fence = |text: &str| format!("```\n{text}\n```{mention}");
    let room = PARAGRAPH - fence("").chars().count();
    let text = truncate::keep_both_ends(&whole, room, cost_in_fence);
    let text = without_syntax(&text);
    let text = code_span::limit_backtick_runs(&text, 1);
    Message {
        text: fence(&text),
        cards_v2: Vec::new(),
        fallback_text: String::new(),
        thread: thread(notice),
    }
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
