//! A notice as Block Kit.

use std::borrow::Cow;

use serde::Serialize;

use super::{PARTS, cost, escape};
use crate::adapter::Notice;
use crate::adapter::layout::{self, Field};
use crate::adapter::truncate;
use crate::text::timestamp::Moment;

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
/// The log text of one message. With all of the above it stays below 12,000, where
/// `chat.postMessage` begins to refuse (`msg_blocks_too_long`; undocumented, and unknown whether
/// it holds for webhooks).
const LOG: usize = 6_000;

/// The blocks of a message. Where there are any, `text` is what the notification shows and
/// nothing more, so the headline stands there twice but is seen once.
#[derive(Default, Serialize)]
pub(super) struct Layout {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<Block>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
}

/// What stands below the headline: only an attachment has a bar in the level's colour.
#[derive(Serialize)]
struct Attachment {
    color: String,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Header { text: Text },
    Section { text: Text },
    Context { elements: Vec<Text> },
    RichText { elements: Vec<Rich> },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Text {
    /// No markup, no emoji, no links.
    PlainText { text: String, emoji: bool },
    /// Only for text of our own.
    Mrkdwn { text: String, verbatim: bool },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Rich {
    RichTextSection { elements: Vec<Run> },
    RichTextPreformatted { elements: Vec<Run> },
}

/// A run of raw text: nothing in it is markup.
#[derive(Serialize)]
struct Run {
    r#type: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<Style>,
}

#[derive(Serialize)]
struct Style {
    bold: bool,
}

/// A notice divided into the messages it takes.
pub(super) struct Parts<'n> {
    notice: &'n Notice,
    /// Body, or body and backtrace together where they are too long for one message.
    log: String,
    backtrace: String,
    /// The log text of the messages after the first.
    further: Vec<String>,
    /// Emoji and headline, as they fit into a header.
    head: String,
}

impl<'n> Parts<'n> {
    pub(super) fn of(notice: &'n Notice) -> Self {
        let opening = layout::opening(notice, HEADER - 8, cost);
        let backtrace = layout::backtrace(notice);
        let mut parts = Self {
            notice,
            log: opening.block,
            backtrace: backtrace.into_owned(),
            further: Vec::new(),
            head: format!("{} {}", notice.emoji(), opening.line),
        };
        if truncate::measure(&parts.log, cost) + truncate::measure(&parts.backtrace, cost) > LOG {
            parts.spread();
        }
        parts
    }

    /// Spreads the log text over the messages there may be.
    fn spread(&mut self) {
        if !self.log.is_empty() && !self.backtrace.is_empty() {
            self.log.push_str("\n\n");
        }
        self.log.push_str(&std::mem::take(&mut self.backtrace));
        let mut pieces = truncate::pieces(&self.log, PARTS, LOG, cost)
            .into_iter()
            .map(Cow::into_owned);
        let first = pieces.next().unwrap_or_default();
        self.further = pieces.collect();
        self.log = first;
    }

    pub(super) fn count(&self) -> usize {
        1 + self.further.len()
    }

    /// The notification's text and the blocks of one part.
    pub(super) fn message(&self, part: usize, mention: Option<String>) -> (String, Layout) {
        let Some(index) = part.checked_sub(1) else {
            return (self.notification(), self.first(mention));
        };
        let head = format!("{} ({}/{})", self.head, part + 1, self.count());
        let piece = self.further.get(index).map_or("", String::as_str);
        let blocks = Vec::from_iter(preformatted(piece).map(rich));
        let layout = Layout {
            blocks: Vec::from_iter(context_block(&[&head], None)),
            attachments: vec![self.attachment(blocks)],
        };
        (escape(&head), layout)
    }

    /// What broke, and whose it is.
    fn notification(&self) -> String {
        let headline = layout::opening(self.notice, TEXT, cost).line;
        let project = layout::joined([self.notice.project.clone()]);
        let project = truncate::beginning(&project, HEADER, cost).into_owned();
        let said = layout::joined([headline, project]);
        escape(&format!("{} {said}", self.notice.emoji()))
    }

    fn first(&self, mention: Option<String>) -> Layout {
        let notice = self.notice;
        let mut blocks = vec![Block::Header {
            text: plain_text(&self.head, HEADER),
        }];
        blocks.extend(mention.map(|mention| Block::Section {
            text: mrkdwn(mention),
        }));
        let mut below = Vec::from_iter(context_block(&[&layout::context(notice)], None));
        below.extend(preformatted(&self.log).map(rich));
        let fields = fields(notice);
        if !fields.is_empty() {
            below.push(Block::RichText { elements: fields });
        }
        let lines = [
            layout::spans(notice),
            layout::place(notice),
            layout::fingerprint(notice),
        ];
        let time = layout::time(notice);
        below.extend(context_block(&lines.each_ref().map(String::as_str), time));
        below.extend(preformatted(&self.backtrace).map(rich));
        Layout {
            blocks,
            attachments: if below.is_empty() {
                Vec::new()
            } else {
                vec![self.attachment(below)]
            },
        }
    }

    fn attachment(&self, blocks: Vec<Block>) -> Attachment {
        Attachment {
            color: format!("#{:06x}", layout::colour(self.notice.severity)),
            blocks,
        }
    }
}

fn rich(element: Rich) -> Block {
    Block::RichText {
        elements: vec![element],
    }
}

fn plain_text(text: &str, budget: usize) -> Text {
    Text::PlainText {
        text: truncate::beginning(text, budget, cost).into_owned(),
        emoji: false,
    }
}

/// Markup of our own.
fn mrkdwn(text: String) -> Text {
    Text::Mrkdwn {
        text,
        verbatim: true,
    }
}

/// A line of small text; none where there is nothing to say.
fn context_block(lines: &[&str], time: Option<Moment>) -> Option<Block> {
    let mut elements: Vec<_> = lines
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| plain_text(line, LINE))
        .collect();
    if let Some(time) = time {
        elements.push(mrkdwn(format!(
            "<!date^{}^{{date_short_pretty}} {{time_secs}}|{}>",
            time.seconds(),
            layout::utc(time)
        )));
    }
    (!elements.is_empty()).then_some(Block::Context { elements })
}

/// Log text as it was written, in texts of the length that Slack takes.
fn preformatted(text: &str) -> Option<Rich> {
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let piece = truncate::head(rest, ELEMENT, cost);
        elements.push(run(piece, false));
        rest = rest.get(piece.len()..).unwrap_or_default();
    }
    (!elements.is_empty()).then_some(Rich::RichTextPreformatted { elements })
}

fn run(text: &str, bold: bool) -> Run {
    Run {
        r#type: "text",
        text: text.to_owned(),
        style: bold.then_some(Style { bold }),
    }
}

/// Short fields side by side, then each long one in a block of its own.
fn fields(notice: &Notice) -> Vec<Rich> {
    let (fields, _) = layout::fields(notice, FIELDS, FIELD, cost);
    let mut room = ALL_FIELDS;
    let fits = |field: &&Field| {
        let price =
            truncate::measure(&field.name, cost) + truncate::measure(&field.value, cost) + 4;
        let fits = price <= room;
        room -= if fits { price } else { 0 };
        fits
    };
    let fields: Vec<_> = fields.iter().filter(fits).collect();
    let mut line = Vec::new();
    let mut blocks = Vec::new();
    for field in &fields {
        if field.is_short() {
            let gap = if line.is_empty() { "" } else { "   " };
            line.push(run(&format!("{gap}{}", field.name), true));
            if !field.value.is_empty() {
                line.push(run(&format!(" {}", field.value), false));
            }
        } else {
            let name = vec![run(&field.name, true)];
            blocks.push(Rich::RichTextSection { elements: name });
            blocks.extend(preformatted(&field.value));
        }
    }
    if let Some(more) = layout::more_fields(notice, fields.len()) {
        let gap = if line.is_empty() { "" } else { "   " };
        line.push(run(&format!("{gap}{more}"), false));
    }
    if !line.is_empty() {
        blocks.insert(0, Rich::RichTextSection { elements: line });
    }
    blocks
}
