//! A notice as Block Kit.

use std::borrow::Cow;

use serde::Serialize;

use super::{PARTS, cost, escape};
use crate::adapter::Notice;
use crate::adapter::layout::{self, FieldText, LinkText};
use crate::adapter::truncate;
use crate::text::timestamp::Timestamp;

/// `text`, which is cut nowhere below 3,000 characters, but a notification shows a line or two.
const TEXT: usize = 300;
/// The header block's limit.
const HEADER: usize = 150;
/// The limit of one text in a block.
const ELEMENT: usize = 3_000;
/// Place and spans, each.
const LINE: usize = 600;
const FIELDS: usize = 30;
const FIELD: usize = 900;
/// All fields together.
const ALL_FIELDS: usize = 3_000;
/// All links together, which are taken from the log text's room.
const ALL_LINKS: usize = 3_000;
/// The log text of one message. With all of the above it stays below 12,000, where
/// `chat.postMessage` begins to refuse (`msg_blocks_too_long`; undocumented, and unknown whether
/// it holds for webhooks).
const LOG: usize = 6_000;

/// What led to it. There is no block that folds.
const TRAIL: usize = 2_000;

/// The blocks of a message. Where there are any, `text` is what the notification shows and
/// nothing more, so the headline stands there twice but is seen once.
#[derive(Default, Serialize)]
pub(super) struct BlockLayout {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<SlackBlock>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
}

/// What stands below the headline: only an attachment has a bar in the level's colour.
#[derive(Serialize)]
struct Attachment {
    color: String,
    blocks: Vec<SlackBlock>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum SlackBlock {
    Header { text: TextObject },
    Section { text: TextObject },
    Context { elements: Vec<TextObject> },
    RichText { elements: Vec<RichTextElement> },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum TextObject {
    /// No markup, no emoji, no links.
    PlainText { text: String, emoji: bool },
    /// Only for text of our own.
    Mrkdwn { text: String, verbatim: bool },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum RichTextElement {
    RichTextSection { elements: Vec<TextRun> },
    RichTextPreformatted { elements: Vec<TextRun> },
}

/// A run of raw text: nothing in it is markup. A link is one with an address, as raw as the text; a
/// button with an address asks the sender for an answer, which a webhook cannot give
/// (`@slack/types`, `Button.url`).
#[derive(Serialize)]
struct TextRun {
    r#type: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<Style>,
}

/// How a run is drawn.
#[derive(Clone, Copy, Serialize)]
struct Style {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bold: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    code: bool,
}

const BOLD: Option<Style> = Some(Style {
    bold: true,
    code: false,
});
const CODE: Option<Style> = Some(Style {
    bold: false,
    code: true,
});

/// A notice divided into the messages it takes.
pub(super) struct SplitNotice<'n> {
    notice: &'n Notice,
    /// Body, or body and backtrace together where they are too long for one message.
    log: String,
    backtrace: String,
    links: Vec<LinkText>,
    /// The log text of the messages after the first.
    further: Vec<String>,
    fields: Vec<FieldText>,
    /// Emoji and headline, as they fit into a header.
    head: String,
    /// Whether something of it stands in none of the messages.
    cut: bool,
}

impl<'n> SplitNotice<'n> {
    pub(super) fn of(notice: &'n Notice) -> Self {
        let mut opening = layout::split_message(notice, HEADER - 8, cost);
        let mut whole = layout::add_trail(&mut opening.block, notice, TRAIL, cost);
        let (fields, all) = layout::fields(notice, FIELDS, FIELD, cost);
        let fields = layout::fields_within(fields, ALL_FIELDS, 4, cost);
        whole &= all && fields.len() == notice.fields.len();
        let backtrace = layout::backtrace(notice);
        let links = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
        let room = LOG - links.iter().map(LinkText::cost).sum::<usize>();
        let mut parts = Self {
            notice,
            log: opening.block,
            backtrace: backtrace.into_owned(),
            links,
            further: Vec::new(),
            fields,
            head: format!("{} {}", notice.emoji(), opening.line),
            cut: !whole,
        };
        let of_log = truncate::cost_up_to(&parts.log, room, cost);
        if of_log + truncate::cost_up_to(&parts.backtrace, room, cost) > room {
            parts.spread(room);
        }
        parts
    }

    /// Spreads the log text over the messages there may be, each with that much of it.
    fn spread(&mut self, room: usize) {
        if !self.log.is_empty() && !self.backtrace.is_empty() {
            self.log.push_str("\n\n");
        }
        self.log.push_str(&std::mem::take(&mut self.backtrace));
        let pieces = truncate::split_into_parts(&self.log, PARTS, room, cost);
        // What has lost its middle was written anew.
        self.cut |= pieces.iter().any(|piece| matches!(piece, Cow::Owned(_)));
        let mut pieces = pieces.into_iter().map(Cow::into_owned);
        let first = pieces.next().unwrap_or_default();
        self.further = pieces.collect();
        self.log = first;
    }

    pub(super) fn count(&self) -> usize {
        1 + self.further.len()
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Returns the notification's text and the blocks of one part.
    pub(super) fn message(&self, part: usize, mention: Option<String>) -> (String, BlockLayout) {
        let Some(index) = part.checked_sub(1) else {
            return (self.notification(), self.first(mention));
        };
        let mut head = format!("{} ({}/{})", self.head, part + 1, self.count());
        if self.notice.possible_repeat {
            head.push_str(" · possible repeat");
        }
        let piece = self.further.get(index).map_or("", String::as_str);
        let blocks = Vec::from_iter(preformatted(piece).map(rich));
        let layout = BlockLayout {
            blocks: Vec::from_iter(context_block(&[&head], None)),
            attachments: vec![self.attachment(blocks)],
        };
        (escape(&head), layout)
    }

    /// Returns what broke, and project and host.
    fn notification(&self) -> String {
        let headline = layout::first_line(self.notice, TEXT, cost);
        let project = layout::joined([self.notice.project.clone()]);
        let project = truncate::keep_start(&project, HEADER, cost).into_owned();
        let said = layout::joined([headline, project]);
        escape(&format!("{} {said}", self.notice.emoji()))
    }

    fn first(&self, mention: Option<String>) -> BlockLayout {
        let notice = self.notice;
        let mut blocks = vec![SlackBlock::Header {
            text: plain_text(&self.head, HEADER),
        }];
        blocks.extend(mention.map(|mention| SlackBlock::Section {
            text: mrkdwn(mention),
        }));
        let mut below = Vec::from_iter(context_block(&[&layout::context(notice)], None));
        below.extend(self.said().map(rich));
        let fields = fields(notice, &self.fields);
        if !fields.is_empty() {
            below.push(SlackBlock::RichText { elements: fields });
        }
        below.extend(context_block(&[&layout::spans(notice)], None));
        below.extend(links(&self.links).map(rich));
        let place = [layout::place(notice), layout::fingerprint(notice)];
        let time = layout::time(notice);
        below.extend(context_block(&place.each_ref().map(String::as_str), time));
        below.extend(preformatted(&self.backtrace).map(rich));
        BlockLayout {
            blocks,
            attachments: if below.is_empty() {
                Vec::new()
            } else {
                vec![self.attachment(below)]
            },
        }
    }

    /// Returns what stands below the first line.
    fn said(&self) -> Option<RichTextElement> {
        let log = self.log.as_str();
        let is_prose = layout::is_prose(self.notice, log) && truncate::fits(log, ELEMENT, cost);
        if log.is_empty() || !is_prose {
            return preformatted(log);
        }
        let elements = vec![run(log, None)];
        Some(RichTextElement::RichTextSection { elements })
    }

    fn attachment(&self, blocks: Vec<SlackBlock>) -> Attachment {
        Attachment {
            color: format!("#{:06x}", layout::colour(self.notice.severity)),
            blocks,
        }
    }
}

fn rich(element: RichTextElement) -> SlackBlock {
    SlackBlock::RichText {
        elements: vec![element],
    }
}

fn plain_text(text: &str, budget: usize) -> TextObject {
    TextObject::PlainText {
        text: truncate::keep_start(text, budget, cost).into_owned(),
        emoji: false,
    }
}

/// Markup of our own.
fn mrkdwn(text: String) -> TextObject {
    TextObject::Mrkdwn {
        text,
        verbatim: true,
    }
}

/// Returns a line of small text; none where there is nothing to say.
fn context_block(lines: &[&str], time: Option<Timestamp>) -> Option<SlackBlock> {
    let mut elements: Vec<_> = lines
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| plain_text(line, LINE))
        .collect();
    if let Some(time) = time {
        elements.push(mrkdwn(format!(
            "<!date^{}^{{date_short_pretty}} {{time_secs}}|{}>",
            time.unix_seconds(),
            layout::utc(time)
        )));
    }
    (!elements.is_empty()).then_some(SlackBlock::Context { elements })
}

/// Log text as it was written, in texts of the length that Slack takes.
fn preformatted(text: &str) -> Option<RichTextElement> {
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let piece = truncate::head(rest, ELEMENT, cost);
        elements.push(run(piece, None));
        rest = rest.get(piece.len()..).unwrap_or_default();
    }
    (!elements.is_empty()).then_some(RichTextElement::RichTextPreformatted { elements })
}

fn run(text: &str, style: Option<Style>) -> TextRun {
    TextRun {
        r#type: "text",
        text: text.to_owned(),
        url: None,
        style,
    }
}

/// A line of links; none where there are none.
fn links(links: &[LinkText]) -> Option<RichTextElement> {
    let mut elements = Vec::new();
    for link in links {
        if !elements.is_empty() {
            elements.push(run(" · ", None));
        }
        elements.push(TextRun {
            r#type: "link",
            text: link.name.clone(),
            url: Some(link.url.clone()),
            style: None,
        });
    }
    (!elements.is_empty()).then_some(RichTextElement::RichTextSection { elements })
}

/// Short fields, one behind the other.
#[derive(Default)]
struct FieldLine(Vec<TextRun>);

impl FieldLine {
    fn push(&mut self, field: &FieldText) {
        self.set_apart();
        self.0.push(run(&field.name, BOLD));
        if field.is_plain() {
            self.0.push(run(&format!(" {}", field.value), None));
            return;
        }
        let value = if field.value.is_empty() {
            "\"\""
        } else {
            &field.value
        };
        self.0.push(run(" ", None));
        self.0.push(run(value, CODE));
    }

    /// Sets what follows apart from what stands there.
    fn set_apart(&mut self) {
        match self.0.last_mut() {
            Some(last) if last.style.is_none() => last.text.push_str(" · "),
            Some(_) => self.0.push(run(" · ", None)),
            None => {}
        }
    }
}

/// Short fields side by side, then each long one in a block of its own.
fn fields(notice: &Notice, fields: &[FieldText]) -> Vec<RichTextElement> {
    let mut line = FieldLine::default();
    let mut blocks = Vec::new();
    for field in fields {
        if field.is_short() {
            line.push(field);
        } else {
            let name = vec![run(&field.name, BOLD)];
            blocks.push(RichTextElement::RichTextSection { elements: name });
            blocks.extend(preformatted(&field.value));
        }
    }
    if let Some(more) = layout::more_fields(notice, fields.len()) {
        line.set_apart();
        line.0.push(run(&more, None));
    }
    if !line.0.is_empty() {
        let elements = line.0;
        blocks.insert(0, RichTextElement::RichTextSection { elements });
    }
    blocks
}
