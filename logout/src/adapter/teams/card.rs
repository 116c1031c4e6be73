//! A notice as an Adaptive Card.

use serde::Serialize;

use crate::adapter::layout::{self, FieldText, LinkText};
use crate::adapter::{Form, Notice, ProblemState, Severity, truncate};
use crate::text::timestamp::Timestamp;

/// The longest message, in bytes of its JSON. Teams allows 28,672 bytes of "message properties", which its own
/// wrapping is part of: 24,453 bytes as sent were 28,897 there (msteams-docs issue 11274), and text outside ASCII
/// is said to grow more (issue 8539).
const MESSAGE: usize = 20_000;

/// The headline.
const HEAD: usize = 500;
/// Context, spans and place, each.
const LINE: usize = 600;
const FIELDS: usize = 30;
/// The value of a field.
const FIELD: usize = 900;
/// All fields together, with what stands around them.
const ALL_FIELDS: usize = 4_000;
/// All links together.
const ALL_LINKS: usize = 3_000;
/// How many buttons stand side by side: Teams shows no more than six of one set.
const BUTTONS: usize = 6;
const TRAIL: usize = 2_000;
/// What stands in JSON around the two texts of any length: two blocks of code, or a block for each of three
/// lines.
const AROUND_TEXTS: usize = 320;
/// What stands around name and value of a field that has a block of its own.
const AROUND_FIELD: usize = 160;
/// The lines of the plain form. Each is a block, as nothing else breaks lines in every app.
const PLAIN_LINES: usize = 60;
const PLAIN: usize = 10_000;

/// The body of a request.
#[derive(Serialize)]
pub(super) struct Message {
    r#type: &'static str,
    attachments: [Attachment; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    content_type: &'static str,
    /// Sent, because the schema of a flow's trigger names it.
    content_url: Option<&'static str>,
    content: Card,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    #[serde(rename = "$schema")]
    schema: &'static str,
    r#type: &'static str,
    version: &'static str,
    msteams: TeamsProperties,
    body: Vec<Element>,
}

#[derive(Serialize)]
struct TeamsProperties {
    width: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entities: Vec<Mention>,
}

/// Without it no text of a card rings (Microsoft, "Format cards in Teams", "Mention support").
#[derive(Serialize)]
struct Mention {
    r#type: &'static str,
    text: String,
    mentioned: User,
}

#[derive(Serialize)]
struct User {
    id: String,
    name: String,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Element {
    Container {
        style: &'static str,
        bleed: bool,
        items: Vec<Element>,
    },
    /// Runs of raw text.
    RichTextBlock {
        inlines: Vec<TextRun>,
    },
    /// Only for text of our own: it reads Markdown.
    TextBlock {
        text: String,
        wrap: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<&'static str>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_subtle: bool,
    },
    /// Raw text, in which white space survives. No part of the public schema, but of Teams.
    CodeBlock {
        code_snippet: String,
        language: &'static str,
    },
    /// Reads Markdown in both columns.
    FactSet {
        facts: Vec<Fact>,
    },
    ActionSet {
        actions: Vec<OpenUrl>,
    },
}

#[derive(Serialize)]
struct Fact {
    title: String,
    value: String,
}

#[derive(Serialize)]
struct OpenUrl {
    r#type: &'static str,
    title: String,
    url: String,
}

/// "Text to display. Markdown is not supported." (Adaptive Cards, `TextRun`).
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct TextRun {
    r#type: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    font_type: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_subtle: bool,
}

/// Returns what a character takes of the message.
fn cost(c: char) -> usize {
    truncate::json_bytes(c)
}

/// Returns the message of a notice; `mention` is who it calls.
pub(super) fn message(notice: &Notice, form: Form, mention: Option<&str>) -> Message {
    match form {
        Form::Rich => rich(notice, mention),
        Form::Plain => envelope(plain(notice), mention),
    }
}

fn rich(notice: &Notice, mention: Option<&str>) -> Message {
    let mut opening = layout::split_message(notice, HEAD, cost);
    layout::add_trail(&mut opening.block, notice, TRAIL, cost);
    let backtrace = layout::backtrace(notice);
    let mut card = CardParts {
        notice,
        head: format!("{} {}", notice.emoji(), opening.line),
        block: String::new(),
        backtrace: String::new(),
    };
    // What is there without them leaves room for the texts that may be of any length.
    let taken = length(&envelope(card.elements(), mention)) + AROUND_TEXTS;
    let room = MESSAGE.saturating_sub(taken);
    let of_block = truncate::cost_up_to(&opening.block, room, cost);
    let of_backtrace = truncate::cost_up_to(&backtrace, room, cost);
    let (for_block, for_backtrace) = truncate::share_room(room, of_block, of_backtrace);
    card.block = truncate::keep_both_ends(&opening.block, for_block, cost).into_owned();
    card.backtrace = truncate::keep_both_ends(&backtrace, for_backtrace, cost).into_owned();
    envelope(card.elements(), mention)
}

/// Returns how long a message is when it is sent.
fn length(message: &Message) -> usize {
    serde_json::to_vec(message).map_or(MESSAGE, |json| json.len())
}

fn envelope(mut body: Vec<Element>, mention: Option<&str>) -> Message {
    let call = mention.map(|user| format!("<at>{user}</at>"));
    if let Some(call) = &call {
        // The first element is the headline.
        let at = usize::min(1, body.len());
        body.insert(at, own_text(call.clone()));
    }
    let entities = mention.zip(call).map(|(user, text)| Mention {
        r#type: "mention",
        text,
        mentioned: User {
            id: user.to_owned(),
            name: user.to_owned(),
        },
    });
    Message {
        r#type: "message",
        attachments: [Attachment {
            content_type: "application/vnd.microsoft.card.adaptive",
            content_url: None,
            content: Card {
                schema: "http://adaptivecards.io/schemas/adaptive-card.json",
                r#type: "AdaptiveCard",
                version: "1.2",
                msteams: TeamsProperties {
                    width: "full",
                    entities: Vec::from_iter(entities),
                },
                body,
            },
        }],
    }
}

/// The parts of a card that are laid out twice: once to see what room is left, and once with all of the text.
struct CardParts<'n> {
    notice: &'n Notice,
    /// Emoji and headline.
    head: String,
    block: String,
    backtrace: String,
}

impl CardParts<'_> {
    fn elements(&self) -> Vec<Element> {
        let notice = self.notice;
        let mut head = vec![line(TextRun {
            size: Some("Medium"),
            weight: Some("Bolder"),
            ..run(&self.head)
        })];
        head.extend(small(&layout::context(notice)));
        let mut body = vec![Element::Container {
            style: style(notice),
            bleed: true,
            items: head,
        }];
        if layout::is_prose(notice, &self.block) && self.block.lines().count() <= 3 {
            let lines = self.block.lines().filter(|text| !text.trim().is_empty());
            body.extend(lines.map(|text| line(run(text))));
        } else {
            body.extend(code_block(&self.block));
        }
        body.extend(fields(notice));
        body.extend(small(&layout::spans(notice)));
        let place = [layout::place(notice), layout::fingerprint(notice)];
        body.extend(small(&layout::joined(place)));
        body.extend(layout::time(notice).map(time));
        body.extend(code_block(&self.backtrace));
        body.extend(links(notice));
        body
    }
}

/// Returns the colour of the card's head, by the names that Adaptive Cards have for them.
fn style(notice: &Notice) -> &'static str {
    match notice.severity {
        _ if notice.state == ProblemState::Quiet => "good",
        Severity::Panic | Severity::Error => "attention",
        Severity::Warn => "warning",
        Severity::Info => "accent",
        _ => "emphasis",
    }
}

fn run(text: &str) -> TextRun {
    TextRun {
        r#type: "TextRun",
        text: without_functions(text),
        ..TextRun::default()
    }
}

/// Returns the text with a space of no width in what the apps replace by a date, in runs too.
fn without_functions(text: &str) -> String {
    ["DATE", "TIME"].iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("{{{{{name}("), &format!("{{\u{200b}{{{name}("))
    })
}

fn line(run: TextRun) -> Element {
    Element::RichTextBlock { inlines: vec![run] }
}

/// Returns a line of small text; none where there is nothing to say.
fn small(text: &str) -> Option<Element> {
    let text = truncate::keep_start(text, LINE, cost);
    (!text.is_empty()).then(|| {
        line(TextRun {
            size: Some("Small"),
            is_subtle: true,
            ..run(&text)
        })
    })
}

/// Returns a line of text of our own.
fn own_text(text: String) -> Element {
    Element::TextBlock {
        text,
        wrap: true,
        size: None,
        is_subtle: false,
    }
}

/// Returns when it happened, in the reader's zone (Adaptive Cards, "Text features", "Date/time
/// formatting").
fn time(time: Timestamp) -> Element {
    let time = time.rfc3339();
    Element::TextBlock {
        text: format!("{{{{DATE({time}, SHORT)}}}} {{{{TIME({time})}}}}"),
        wrap: true,
        size: Some("Small"),
        is_subtle: true,
    }
}

fn code_block(text: &str) -> Option<Element> {
    (!text.trim().is_empty()).then(|| Element::CodeBlock {
        code_snippet: text.to_owned(),
        language: "PlainText",
    })
}

/// Returns buttons that lead somewhere, in rows.
fn links(notice: &Notice) -> impl Iterator<Item = Element> {
    let links = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
    let button = |link: LinkText| OpenUrl {
        r#type: "Action.OpenUrl",
        title: link.name,
        url: link.url,
    };
    let mut buttons = links.into_iter().map(button).peekable();
    std::iter::from_fn(move || {
        buttons.peek()?;
        let actions = buttons.by_ref().take(BUTTONS).collect();
        Some(Element::ActionSet { actions })
    })
}

/// Fields as facts where their text cannot be Markdown, then the other short ones in a line, then each long
/// one in a block of its own.
fn fields(notice: &Notice) -> Vec<Element> {
    let (fields, _) = layout::fields(notice, FIELDS, FIELD, cost);
    let mut room = ALL_FIELDS;
    let fits = |field: &&FieldText| {
        let price = truncate::total_cost(&field.name, cost)
            + truncate::total_cost(&field.value, cost)
            + AROUND_FIELD;
        let fits = price <= room;
        room -= if fits { price } else { 0 };
        fits
    };
    let fields: Vec<_> = fields.iter().filter(fits).collect();
    let mut facts = Vec::new();
    let mut runs = Vec::new();
    let mut blocks = Vec::new();
    for field in &fields {
        if field.is_plain() && is_inert(&field.name) && is_inert(&field.value) {
            facts.push(Fact {
                title: field.name.clone(),
                value: field.value.clone(),
            });
        } else if field.is_short() {
            add_short(&mut runs, field);
        } else {
            blocks.push(line(TextRun {
                weight: Some("Bolder"),
                ..run(&field.name)
            }));
            blocks.extend(code_block(&field.value));
        }
    }
    if let Some(more) = layout::more_fields(notice, fields.len()) {
        set_apart(&mut runs);
        runs.push(run(&more));
    }
    let facts = (!facts.is_empty()).then_some(Element::FactSet { facts });
    let runs = (!runs.is_empty()).then_some(Element::RichTextBlock { inlines: runs });
    facts.into_iter().chain(runs).chain(blocks).collect()
}

fn add_short(runs: &mut Vec<TextRun>, field: &FieldText) {
    set_apart(runs);
    runs.push(TextRun {
        weight: Some("Bolder"),
        ..run(&field.name)
    });
    runs.push(run(" "));
    let value = if field.value.is_empty() {
        "\"\""
    } else {
        &field.value
    };
    let font_type = (!field.is_plain()).then_some("Monospace");
    runs.push(TextRun {
        font_type,
        ..run(value)
    });
}

/// Sets what follows apart from what stands there.
fn set_apart(runs: &mut Vec<TextRun>) {
    if !runs.is_empty() {
        runs.push(run(" · "));
    }
}

/// Returns whether a text reads the same with and without Markdown, in any of its dialects: a fact of a
/// card reads a part of `CommonMark`, and nothing is documented that would escape it.
fn is_inert(text: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let begins_a_list = text.starts_with(['-', '+', '#', '='])
        || text
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with([')', '.'])
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text.contains(' ');
    let mut before = None;
    let mut signs = text.chars().peekable();
    let mut is_harmless = |c: char, next: Option<char>| {
        let harmless = match c {
            // Inside a word it is none of CommonMark's delimiters.
            '_' => is_word(before) && is_word(next),
            // An address without a scheme, and one with it.
            '.' => !next.is_some_and(char::is_alphabetic),
            ':' => next != Some('/'),
            ' ' | ',' | ';' | '?' | '=' | '%' | '\'' | '"' | '/' | '+' | '-' | '(' | ')' | '·'
            | '…' | '×' => true,
            c => c.is_alphanumeric(),
        };
        before = Some(c);
        harmless
    };
    let mut all = true;
    while let Some(c) = signs.next() {
        all &= is_harmless(c, signs.peek().copied());
    }
    all && !begins_a_list && !text.trim().is_empty()
}

/// Returns the whole notice as lines of raw text, of which each is a block.
fn plain(notice: &Notice) -> Vec<Element> {
    let text = layout::plain(notice);
    let text = truncate::keep_both_ends(&text, PLAIN, cost);
    let mut lines = text.lines().filter(|text| !text.trim().is_empty());
    let mut elements: Vec<_> = lines
        .by_ref()
        .take(PLAIN_LINES - 1)
        .map(|text| line(run(text)))
        .collect();
    let rest: Vec<_> = lines.map(str::trim).collect();
    if !rest.is_empty() {
        elements.push(line(run(&rest.join(" · "))));
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::{is_inert, without_functions};

    #[test]
    fn only_what_no_markdown_reads_is_inert() {
        for text in [
            "42",
            "12.5",
            "c_1837",
            "eu-central-1",
            "a (b), c",
            "12:04:31",
            "std::io::Error",
            "é ü",
            "50 %",
            "1.10.2",
        ] {
            assert!(is_inert(text), "{text}");
        }
        for text in [
            "",
            " ",
            "*a*",
            "_a_",
            "a_",
            "[a](b)",
            "a.b",
            "main.rs",
            "https://a",
            "<at>",
            "&amp;",
            "# a",
            "- a",
            "1. a",
            "1) a",
            "`a`",
            "~a~",
            "a\\b",
            "{{DATE(x)}}",
            "@ann",
            "![a]",
            "a|b",
            "= a",
            "a\nb",
        ] {
            assert!(!is_inert(text), "{text:?}");
        }
    }

    #[test]
    fn a_text_is_never_a_date() {
        assert_eq!(
            without_functions("{{DATE(2017-02-14T06:00:00Z, SHORT)}} {{TIME(x)}} {{x}}"),
            "{\u{200b}{DATE(2017-02-14T06:00:00Z, SHORT)}} {\u{200b}{TIME(x)}} {{x}}"
        );
    }
}
