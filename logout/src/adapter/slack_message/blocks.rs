//! The rendering of a notice as Block Kit.

use std::borrow::Cow;

use self::json::{BOLD, CODE, preformatted, raw, rich, run, section, text_object};
use super::{PARTS, cost, escape};
use crate::adapter::Notice;
use crate::adapter::layout::{self, FieldText, LinkText, SEPARATOR};
use crate::adapter::truncate;
use crate::text::timestamp::Timestamp;
use crate::transport::request::JsonWriter;

mod json;

/// The `text`, which is cut nowhere below 3,000 characters, but a notification shows a line or two.
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

/// The trail. There is no block that folds.
const TRAIL: usize = 2_000;

/// A notice divided into the messages it takes.
pub(super) struct SplitNotice<'n> {
    notice: &'n Notice,
    /// Body, or body and backtrace together if they are too long for one message.
    log: Cow<'n, str>,
    backtrace: Cow<'n, str>,
    links: Vec<LinkText>,
    /// The log text of the messages after the first.
    further: Vec<String>,
    fields: Vec<FieldText<'n>>,
    /// Emoji and headline, as they fit into a header.
    head: String,
    /// Whether something was left out of all messages.
    cut: bool,
}

impl<'n> SplitNotice<'n> {
    pub(super) fn of(notice: &'n Notice) -> Self {
        let mut opening = layout::split_message(notice, HEADER - 8, cost);
        let mut whole = layout::add_trail(&mut opening.block, notice, TRAIL, cost);
        let (fields, all) = layout::fields(notice, FIELDS, FIELD, cost);
        let fields = layout::fields_within(fields, ALL_FIELDS, 4, cost);
        whole &= all && fields.len() == notice.fields.len();
        let links = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
        let room = LOG - links.iter().map(LinkText::cost).sum::<usize>();
        let mut parts = Self {
            notice,
            log: opening.block,
            backtrace: layout::backtrace(notice),
            links,
            further: Vec::new(),
            fields,
            head: [notice.emoji(), " ", &opening.line].concat(),
            cut: !whole,
        };
        let of_log = truncate::cost_up_to(&parts.log, room, cost);
        if of_log + truncate::cost_up_to(&parts.backtrace, room, cost) > room {
            parts.spread(room);
        }
        parts
    }

    /// Splits the log text over the messages there may be, each with `room` of it.
    fn spread(&mut self, room: usize) {
        if !self.log.is_empty() && !self.backtrace.is_empty() {
            self.log.to_mut().push_str("\n\n");
        }
        self.log += std::mem::take(&mut self.backtrace);
        let pieces = truncate::split_into_parts(&self.log, PARTS, room, cost);
        // A piece that lost its middle is owned.
        self.cut |= pieces.iter().any(|piece| matches!(piece, Cow::Owned(_)));
        let mut pieces = pieces.into_iter().map(Cow::into_owned);
        let first = pieces.next().unwrap_or_default();
        self.further = pieces.collect();
        self.log = first.into();
    }

    pub(super) fn count(&self) -> usize {
        1 + self.further.len()
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Returns what a notification shows of a part.
    pub(super) fn text(&self, part: usize) -> String {
        match part {
            0 => self.notification(),
            part => escape(&self.head_of(part)),
        }
    }

    /// Returns the headline of a part after the first.
    fn head_of(&self, part: usize) -> String {
        let mut head = format!("{} ({}/{})", self.head, part + 1, self.count());
        if self.notice.possible_repeat {
            head.push_str(" · possible repeat");
        }
        head
    }

    /// Returns the headline, and project and host.
    fn notification(&self) -> String {
        let headline = layout::first_line(self.notice, TEXT, cost);
        let project = layout::joined([&self.notice.project]);
        let project = truncate::keep_start(&project, HEADER, cost);
        let said = layout::joined([&headline, &project]);
        escape(&[self.notice.emoji(), " ", &said].concat())
    }

    /// Writes the members with the blocks of a part. Where there are any, `text` is what the notification shows and
    /// nothing more, so the headline stands there twice but is seen once.
    pub(super) fn write(&self, part: usize, mention: Option<&str>, json: &mut JsonWriter<'_>) {
        let Some(index) = part.checked_sub(1) else {
            self.write_head(mention, json);
            return self.write_below(json);
        };
        let piece = self.further.get(index).map_or("", String::as_str);
        json.name("blocks")
            .array(|json| write_context(json, &[&self.head_of(part)], None));
        self.write_attachment(json, |json| write_preformatted(json, piece));
    }

    fn write_head(&self, mention: Option<&str>, json: &mut JsonWriter<'_>) {
        json.name("blocks").array(|json| {
            json.typed("header", |json| {
                json.name("text");
                plain_text(json, &self.head, HEADER);
            });
            if let Some(mention) = mention {
                json.typed("section", |json| {
                    json.name("text");
                    text_object(json, "mrkdwn", &[mention], ("verbatim", true));
                });
            }
        });
    }

    /// Writes what stands below the headline, if there is anything.
    fn write_below(&self, json: &mut JsonWriter<'_>) {
        let notice = self.notice;
        let (context, spans) = (layout::context(notice), layout::spans(notice));
        let (place, fingerprint) = (layout::place(notice), layout::fingerprint(notice));
        let time = layout::time(notice);
        let more = layout::more_fields(notice, self.fields.len());
        let (log, backtrace) = (&*self.log, &*self.backtrace);
        let mut texts = [&*context, &spans, &place, &fingerprint, log, backtrace].into_iter();
        let has_fields = !self.fields.is_empty() || more.is_some();
        if texts.all(str::is_empty) && !has_fields && self.links.is_empty() && time.is_none() {
            return;
        }
        self.write_attachment(json, |json| {
            write_context(json, &[&context], None);
            self.write_said(json);
            if has_fields {
                rich(json, |json| self.write_fields(more.as_deref(), json));
            }
            write_context(json, &[&spans], None);
            write_links(json, &self.links);
            write_context(json, &[&place, &fingerprint], time);
            write_preformatted(json, backtrace);
        });
    }

    /// Writes the short fields one behind the other, and how many `more` there are, then each long one in a block of
    /// its own.
    fn write_fields(&self, more: Option<&str>, json: &mut JsonWriter<'_>) {
        if more.is_some() || self.fields.iter().any(FieldText::is_short) {
            section(json, |json| self.write_short(more, json));
        }
        for field in self.fields.iter().filter(|field| !field.is_short()) {
            section(json, |json| run(json, &[&field.name], BOLD));
            preformatted(json, |json| write_pieces(json, &field.value));
        }
    }

    fn write_short(&self, more: Option<&str>, json: &mut JsonWriter<'_>) {
        let short = self.fields.iter().filter(|field| field.is_short());
        let mut short = short.peekable();
        while let Some(field) = short.next() {
            // Separates what follows.
            let apart = match short.peek().is_some() || more.is_some() {
                true => SEPARATOR,
                false => "",
            };
            run(json, &[&field.name], BOLD);
            if field.is_plain() {
                raw(json, &[" ", &field.value, apart]);
                continue;
            }
            raw(json, &[" "]);
            let value = match &*field.value {
                "" => "\"\"",
                value => value,
            };
            run(json, &[value], CODE);
            if !apart.is_empty() {
                raw(json, &[apart]);
            }
        }
        if let Some(more) = more {
            raw(json, &[more]);
        }
    }

    /// Writes the part below the headline as an attachment, which alone has a bar in the level's
    /// colour.
    fn write_attachment(
        &self,
        json: &mut JsonWriter<'_>,
        blocks: impl FnOnce(&mut JsonWriter<'_>),
    ) {
        let colour = format!("#{:06x}", layout::colour(self.notice.severity));
        json.name("attachments").array(|json| {
            json.object(|json| {
                json.name("color").text(&colour);
                json.name("blocks").array(blocks);
            });
        });
    }

    /// Writes the text below the first line.
    fn write_said(&self, json: &mut JsonWriter<'_>) {
        let log = &*self.log;
        let is_prose = layout::is_prose(self.notice, log) && truncate::fits(log, ELEMENT, cost);
        if is_prose && !log.is_empty() {
            rich(json, |json| section(json, |json| raw(json, &[log])));
        } else {
            write_preformatted(json, log);
        }
    }
}

/// Writes log text without markup, emoji and links.
fn plain_text(json: &mut JsonWriter<'_>, text: &str, budget: usize) {
    let text = truncate::keep_start(text, budget, cost);
    text_object(json, "plain_text", &[&text], ("emoji", false));
}

/// Writes a line of small text, unless it is empty.
fn write_context(json: &mut JsonWriter<'_>, lines: &[&str], time: Option<Timestamp>) {
    if time.is_none() && lines.iter().all(|line| line.is_empty()) {
        return;
    }
    json.typed("context", |json| {
        json.name("elements").array(|json| {
            for line in lines.iter().filter(|line| !line.is_empty()) {
                plain_text(json, line, LINE);
            }
            if let Some(time) = time {
                let (seconds, utc) = (time.unix_seconds().to_string(), layout::utc(time));
                let format = "^{date_short_pretty} {time_secs}|";
                let texts = ["<!date^", &*seconds, format, &*utc, ">"];
                text_object(json, "mrkdwn", &texts, ("verbatim", true));
            }
        });
    });
}

/// Writes log text preformatted, in texts of the length that Slack takes; nothing if it is empty.
fn write_preformatted(json: &mut JsonWriter<'_>, text: &str) {
    if !text.is_empty() {
        rich(json, |json| {
            preformatted(json, |json| write_pieces(json, text));
        });
    }
}

fn write_pieces(json: &mut JsonWriter<'_>, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let piece = truncate::head(rest, ELEMENT, cost);
        raw(json, &[piece]);
        rest = rest.get(piece.len()..).unwrap_or_default();
    }
}

/// Writes a line of links, if there are any.
fn write_links(json: &mut JsonWriter<'_>, links: &[LinkText]) {
    if links.is_empty() {
        return;
    }
    rich(json, |json| {
        section(json, |json| {
            for (index, link) in links.iter().enumerate() {
                if index > 0 {
                    raw(json, &[SEPARATOR]);
                }
                json::link(json, &link.name, &link.url);
            }
        });
    });
}
