//! The construction of a text with entities.

use std::borrow::Cow;
use std::ops::Range;

use super::auto_links;
use crate::adapter::layout::{self, FieldText, LinkText};
use crate::text::timestamp::Timestamp;
use crate::transport::request::JsonWriter;

/// The most entities of code in a message. After the hundredth the server drops them silently, and
/// makes links of their text (tdlib, `MAX_USER_ENTITY_COUNT`).
pub(super) const CODE: usize = 90;
/// The lines of a backtrace that is not folded; a folded one shows three.
const UNFOLDED: usize = 4;

/// A text, its entities, and whether something was left out.
pub(super) struct EntityText {
    pub(super) text: String,
    pub(super) entities: Vec<Entity>,
    pub(super) cut: bool,
}

/// The style of a part of the text; offset and length in UTF-16 code units.
#[derive(Clone)]
pub(super) struct Entity {
    pub(super) kind: &'static str,
    pub(super) offset: usize,
    pub(super) length: usize,
    /// A time that the reader's app shows in the reader's zone (Bot API 9.5). An older app shows
    /// the text.
    time: Option<Timestamp>,
    /// The address of a `text_link`; its text is not parsed.
    url: Option<String>,
}

impl Entity {
    pub(super) fn write(&self, json: &mut JsonWriter<'_>) {
        json.object(|json| {
            json.name("type").text(self.kind);
            json.name("offset").number(self.offset);
            json.name("length").number(self.length);
            if let Some(time) = self.time {
                json.name("unix_time").number(time.unix_seconds());
                json.name("date_time_format").text("dT");
            }
            if let Some(url) = &self.url {
                json.name("url").text(url);
            }
        });
    }
}

/// A text under construction, measured in both of Telegram's units.
#[derive(Default)]
pub(super) struct EntityTextBuilder {
    text: String,
    entities: Vec<Entity>,
    /// The unit of the limit.
    pub(super) code_points: usize,
    /// The unit of the entities' offsets.
    utf16: usize,
    /// How many of the entities count for the server's limit.
    code: usize,
}

impl EntityTextBuilder {
    /// Returns an empty one, with room for most messages.
    pub(super) fn of_usual_size() -> Self {
        Self {
            text: String::with_capacity(1_024),
            entities: Vec::with_capacity(16),
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        let code_points = text.chars().count();
        self.code_points += code_points;
        // Four bytes in UTF-8 are two units.
        self.utf16 += code_points + text.bytes().filter(|byte| *byte >= 0xf0).count();
    }

    pub(super) fn push_as(&mut self, kind: &'static str, text: &str) {
        let text = without_removed(text);
        // At the end of the message white space is removed, and the entity would be too long.
        let text = text.trim_end();
        let offset = self.utf16;
        self.push(text);
        let length = self.utf16 - offset;
        if length > 0 {
            self.code += usize::from(kind != "bold");
            self.entities.push(Entity {
                kind,
                offset,
                length,
                time: None,
                url: None,
            });
        }
    }

    /// Adds like [`push_as`](Self::push_as), with the white space at both ends outside.
    fn push_trimmed(&mut self, kind: &'static str, text: &str) {
        let begun = text.trim_start();
        let inside = begun.trim_end();
        let (before, _) = text.split_at(text.len() - begun.len());
        let (_, behind) = begun.split_at(inside.len());
        self.push(before);
        self.push_as(kind, inside);
        self.push(behind);
    }

    /// Adds a line of the log: in code what would become a mention, a link or the like, the rest
    /// bold or plain.
    pub(super) fn push_inline(&mut self, line: &str, kind: Option<&'static str>) {
        let line = without_removed(line);
        self.push_runs(&line, &auto_links::code_runs(&line), kind);
    }

    fn push_runs(&mut self, line: &str, runs: &[Range<usize>], kind: Option<&'static str>) {
        if runs.len() > auto_links::MOST_RUNS {
            return self.push_trimmed("code", line);
        }
        let mut at = 0;
        let ends = runs.iter().map(Some).chain([None]);
        for run in ends {
            let start = run.map_or(line.len(), |run| run.start);
            let between = line.get(at..start).unwrap_or_default();
            match kind {
                Some(kind) => self.push_trimmed(kind, between),
                None => self.push(between),
            }
            if let Some(run) = run {
                self.push_as("code", line.get(run.clone()).unwrap_or_default());
                at = run.end;
            }
        }
    }

    /// Adds a name in bold and a value, each in code if necessary. They are checked together, since
    /// a number may begin in the one and end in the other.
    pub(super) fn push_field(&mut self, field: &FieldText<'_>) {
        let together = [&*field.name, " ", &*field.value].concat();
        let runs = auto_links::code_runs(&together);
        let end = field.name.len();
        self.push_name(&field.name, runs.iter().any(|run| run.start < end));
        self.push(" ");
        if field.is_plain() && runs.iter().all(|run| run.end <= end) {
            self.push(&field.value);
        } else if field.value.is_empty() {
            self.push_as("code", "\"\"");
        } else {
            self.push_trimmed("code", &field.value);
        }
    }

    pub(super) fn push_name(&mut self, name: &str, is_live: bool) {
        self.push_trimmed(if is_live { "code" } else { "bold" }, name);
    }

    pub(super) fn push_link(&mut self, link: &LinkText) {
        self.push_as("text_link", &link.name);
        if let Some(entity) = self.entities.last_mut() {
            entity.url = Some(link.url.clone());
        }
    }

    pub(super) fn push_time(&mut self, time: Timestamp) {
        let text = layout::utc(time);
        self.entities.push(Entity {
            kind: "date_time",
            offset: self.utf16,
            length: text.len(),
            time: Some(time),
            url: None,
        });
        self.push(&text);
    }

    /// Adds a line of its own, unless it is empty.
    pub(super) fn line(&mut self, kind: &'static str, text: &str) {
        if text.chars().all(|c| is_removed(c) || c.is_whitespace()) {
            return;
        }
        if !self.text.is_empty() {
            self.push("\n");
        }
        self.push_as(kind, text);
    }

    /// Adds lines of the log, the last of them in one block if they would take too many entities;
    /// `below` entities are still needed.
    pub(super) fn lines(&mut self, text: &str, below: usize) {
        let most = CODE.saturating_sub(below + 1);
        let mut rest = text;
        while !rest.is_empty() {
            let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
            let line = without_removed(line);
            let runs = auto_links::code_runs(&line);
            let price = match runs.len() {
                0..=auto_links::MOST_RUNS => runs.len(),
                _ => 1,
            };
            if self.code + price > most {
                return self.line("pre", rest);
            }
            self.push("\n");
            self.push_runs(&line, &runs, None);
            rest = behind;
        }
    }

    /// Adds a backtrace or a trail, folded if it is long. Unlike `pre`, a quote can be folded, and
    /// unlike a quote, code links and mentions nobody; the two together are allowed (tdlib,
    /// `are_entities_valid`: code "can't be part of other entities, except blockquote").
    pub(super) fn folded(&mut self, trace: &str) {
        if trace.lines().count() <= UNFOLDED {
            return self.line("pre", trace);
        }
        let before = self.entities.len();
        self.line("code", trace);
        if let Some(code) = self.entities.get(before) {
            let quote = Entity {
                kind: "expandable_blockquote",
                ..code.clone()
            };
            self.entities.insert(before, quote);
        }
    }

    pub(super) fn finish(self, cut: bool) -> EntityText {
        EntityText {
            text: self.text,
            entities: self.entities,
            cut,
        }
    }
}

pub(super) fn without_removed(text: &str) -> Cow<'_, str> {
    // The byte that each of them begins with, which is rare otherwise.
    if text.as_bytes().contains(&0xcc) && text.contains(is_removed) {
        Cow::Owned(text.replace(is_removed, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns whether the character is removed by `clean_input_string` but not hidden: three combining
/// characters that can be piled up to cover other lines.
pub(super) fn is_removed(c: char) -> bool {
    matches!(c, '\u{30a}' | '\u{333}' | '\u{33f}')
}
