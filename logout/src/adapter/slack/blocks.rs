//! A notice as Block Kit.

use serde::Serialize;

use super::{PARTS, cost, escape};
use crate::Notice;
use crate::adapter::cut;
use crate::adapter::layout::{self, Field};
use crate::moment::Moment;

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

/// The attachment that holds the blocks: only an attachment has a bar in the level's colour.
#[derive(Serialize)]
pub(super) struct Attachment {
    color: String,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Header { text: Text },
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

/// The notification's text, the attachment and the number of parts.
pub(super) fn message(notice: &Notice, part: usize) -> (String, Vec<Attachment>, usize) {
    let opening = layout::opening(notice, HEADER - 8, cost);
    let backtrace = layout::backtrace(notice);
    let (log, trace, further) = divide(&opening.block, &backtrace);
    let parts = 1 + further.len();
    let head = format!("{} {}", notice.emoji(), opening.line);
    let (head, blocks) = match part.checked_sub(1) {
        None => {
            let text = layout::opening(notice, TEXT, cost).line;
            let blocks = first(notice, &head, &log, &trace);
            (format!("{} {text}", notice.emoji()), blocks)
        }
        Some(index) => {
            let piece = further.get(index).map_or("", String::as_str);
            let blocks = Vec::from_iter(preformatted(piece).map(rich));
            (format!("{head} ({}/{parts})", part + 1), blocks)
        }
    };
    let attachment = Attachment {
        color: format!("#{:06x}", layout::colour(notice.severity)),
        blocks,
    };
    (escape(&head), vec![attachment], parts)
}

/// What of body and backtrace stands in the first message, and what follows.
fn divide(body: &str, backtrace: &str) -> (String, String, Vec<String>) {
    if cut::measure(body, cost) + cut::measure(backtrace, cost) <= LOG {
        return (body.to_owned(), backtrace.to_owned(), Vec::new());
    }
    let apart = if body.is_empty() { "" } else { "\n\n" };
    let log = format!("{body}{apart}{backtrace}");
    let mut pieces = cut::pieces(&log, PARTS, LOG, cost).into_iter();
    let first = pieces.next().unwrap_or_default().into_owned();
    let further = pieces.map(std::borrow::Cow::into_owned).collect();
    (first, String::new(), further)
}

fn first(notice: &Notice, head: &str, log: &str, trace: &str) -> Vec<Block> {
    let mut blocks = vec![Block::Header {
        text: plain_text(head, HEADER),
    }];
    let context = layout::context(notice);
    blocks.extend(context_block(&[&context], None));
    blocks.extend(preformatted(log).map(rich));
    let fields = fields(notice);
    if !fields.is_empty() {
        blocks.push(Block::RichText { elements: fields });
    }
    let (place, spans) = (layout::place(notice), layout::spans(notice));
    let fingerprint = layout::fingerprint(notice);
    let lines = [&*spans, &*place, &*fingerprint];
    let time = layout::time(notice);
    blocks.extend(context_block(&lines, time));
    blocks.extend(preformatted(trace).map(rich));
    blocks
}

fn rich(element: Rich) -> Block {
    Block::RichText {
        elements: vec![element],
    }
}

fn plain_text(text: &str, budget: usize) -> Text {
    Text::PlainText {
        text: cut::beginning(text, budget, cost).into_owned(),
        emoji: false,
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
        elements.push(Text::Mrkdwn {
            text: format!(
                "<!date^{}^{{date_short_pretty}} {{time_secs}}|{}>",
                time.seconds(),
                layout::utc(time)
            ),
            verbatim: true,
        });
    }
    (!elements.is_empty()).then_some(Block::Context { elements })
}

/// Log text as it was written, in texts of the length that Slack takes.
fn preformatted(text: &str) -> Option<Rich> {
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let piece = cut::head(rest, ELEMENT, cost);
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
        let price = cut::measure(&field.name, cost) + cut::measure(&field.value, cost) + 4;
        let fits = price <= room;
        room -= if fits { price } else { 0 };
        fits
    };
    let fields: Vec<_> = fields.iter().filter(fits).collect();
    let mut line = Vec::new();
    let mut blocks = Vec::new();
    for field in &fields {
        if field.short {
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
