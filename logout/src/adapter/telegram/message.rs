//! A notice as text with entities.
//!
//! There is no markup to escape: entities say by offset what is bold and what is code. Inside
//! code nothing becomes a mention, a link, a tag or a command, so all text from the log stands
//! in code. The server cleans a text before it reads the entities (tdlib, `clean_input_string`
//! and `fix_formatted_text`); what it would remove is removed here, so that no offset shifts.

use std::borrow::Cow;

use serde::Serialize;

use crate::adapter::Notice;
use crate::adapter::layout;
use crate::adapter::log_text;
use crate::adapter::truncate::{self, code_points};

/// The limit of a message, in code points. At 4 bytes each it cannot reach the other limit of
/// 32,768 bytes.
const MESSAGE: usize = 4_096;
const PROJECT: usize = 100;
const HEADLINE: usize = 400;
/// Context, place and spans, each.
const LINE: usize = 400;
const FIELDS: usize = 20;
const FIELD: usize = 300;
/// The lines of a backtrace that is not folded; of a folded one three are seen.
const UNFOLDED: usize = 4;
/// All fields together.
const ALL_FIELDS: usize = 1_200;

/// A text, its entities, and whether something had to be left out.
pub(super) struct EntityText {
    pub(super) text: String,
    pub(super) entities: Vec<Entity>,
    pub(super) cut: bool,
}

/// What a part of the text is; offset and length in UTF-16 code units.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Entity {
    #[serde(rename = "type")]
    kind: &'static str,
    offset: usize,
    length: usize,
}

/// Everything in one block of code.
pub(super) fn plain(notice: &Notice) -> EntityText {
    let mut text = EntityTextBuilder::default();
    let whole = layout::plain(notice);
    text.line(
        "pre",
        &truncate::keep_both_ends(&whole, MESSAGE - 8, code_points),
    );
    text.finish(false)
}

pub(super) fn rich(notice: &Notice, mention: Option<String>) -> EntityText {
    let opening = layout::split_message(notice, HEADLINE, code_points);
    let trace = layout::backtrace(notice);
    let foot = foot(notice);
    let mut text = EntityTextBuilder::default();
    open(&mut text, notice, &opening.line, mention);

    let (fields, long, whole) = fields(notice);
    let taken = text.code_points
        + [&fields, &long, &foot.0, &foot.1]
            .map(|part| part.chars().count() + 2)
            .iter()
            .sum::<usize>();
    let room = MESSAGE.saturating_sub(taken + 16);
    let (body_length, trace_length) = (opening.block.chars().count(), trace.chars().count());
    let (for_body, for_trace) = truncate::share_room(room, body_length, trace_length);

    text.line(
        "pre",
        &truncate::keep_both_ends(&opening.block, for_body, code_points),
    );
    text.line("code", &fields);
    text.line("pre", &long);
    text.line("code", &foot.0);
    text.line("code", &foot.1);
    text.trace(&truncate::keep_both_ends(&trace, for_trace, code_points));
    text.finish(!whole || for_body < body_length || for_trace < trace_length)
}

/// Project and headline, then whose it is.
fn open(text: &mut EntityTextBuilder, notice: &Notice, headline: &str, mention: Option<String>) {
    text.push(notice.emoji());
    let project = layout::joined([notice.project.clone()]);
    let project = truncate::keep_start(&project, PROJECT, code_points);
    if is_inert(&project) {
        text.grow_as("bold", &format!(" {project}"));
    } else if !project.is_empty() {
        text.push(" ");
        text.push_as("code", &project);
    }
    if let Some(mention) = mention {
        text.push(" ");
        text.push(&mention);
    }
    if project.is_empty() {
        text.push(" ");
        text.push_as("code", headline);
    } else {
        text.line("code", headline);
    }
    let context = log_text::one_line(&notice.context_without_project());
    text.line("code", &truncate::keep_start(&context, LINE, code_points));
}

/// Returns the spans, and the place with time and fingerprint.
fn foot(notice: &Notice) -> (String, String) {
    let time = layout::time(notice);
    let place = layout::place(notice);
    let place = layout::joined([
        truncate::keep_start(&place, LINE, code_points).into_owned(),
        time.map(layout::utc).unwrap_or_default(),
        truncate::keep_start(&layout::fingerprint(notice), 32, code_points).into_owned(),
    ]);
    let spans = layout::spans(notice);
    (
        truncate::keep_start(&spans, LINE, code_points).into_owned(),
        place,
    )
}

/// Returns the short fields in a line, the long ones as text for a block, and whether that is all.
fn fields(notice: &Notice) -> (String, String, bool) {
    let (fields, mut whole) = layout::fields(notice, FIELDS, FIELD, code_points);
    let (mut line, mut block) = (String::new(), String::new());
    let mut room = ALL_FIELDS;
    let mut shown = 0;
    for field in &fields {
        let price = field.name.chars().count() + field.value.chars().count() + 4;
        if price > room {
            break;
        }
        room -= price;
        shown += 1;
        let (part, apart) = if field.is_short() {
            (&mut line, "   ")
        } else {
            (&mut block, "\n")
        };
        if !part.is_empty() {
            part.push_str(apart);
        }
        let apart = if field.value.contains('\n') {
            ":\n"
        } else {
            " "
        };
        part.push_str(format!("{}{apart}{}", field.name, field.value).trim_end());
    }
    if let Some(more) = layout::more_fields(notice, shown) {
        whole = false;
        line = format!("{line}   {more}").trim_start().to_owned();
    }
    (line, block, whole)
}

/// Returns whether a name is made of nothing that Telegram could link: no sign of a mention, a tag,
/// an address or a time, and too few digits for the number of a card or of a telephone.
fn is_inert(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    !name.is_empty()
        && digits < 7
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '…'))
}

/// A text under construction, measured in both of Telegram's units.
#[derive(Default)]
struct EntityTextBuilder {
    text: String,
    entities: Vec<Entity>,
    /// The unit of the limit.
    code_points: usize,
    /// The unit of the entities' offsets.
    utf16: usize,
}

impl EntityTextBuilder {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.code_points += text.chars().count();
        self.utf16 += text.encode_utf16().count();
    }

    fn push_as(&mut self, kind: &'static str, text: &str) {
        let text = if text.contains(is_removed) {
            Cow::Owned(text.replace(is_removed, ""))
        } else {
            Cow::Borrowed(text)
        };
        // At the end of the message white space would go, and the entity be too long.
        let text = text.trim_end();
        let (offset, length) = (self.utf16, text.encode_utf16().count());
        if length > 0 {
            self.push(text);
            self.entities.push(Entity {
                kind,
                offset,
                length,
            });
        }
    }

    /// Like [`push_as`](Self::push_as), but takes in all that stands before.
    fn grow_as(&mut self, kind: &'static str, text: &str) {
        self.push(text);
        self.entities.push(Entity {
            kind,
            offset: 0,
            length: self.utf16,
        });
    }

    /// A line of its own, unless it is empty.
    fn line(&mut self, kind: &'static str, text: &str) {
        if text.chars().all(|c| is_removed(c) || c.is_whitespace()) {
            return;
        }
        if !self.text.is_empty() {
            self.push("\n");
        }
        self.push_as(kind, text);
    }

    /// A backtrace: where it is long the reader unfolds it. Unlike `pre`, a quote can be folded, and
    /// unlike a quote, code links and mentions nobody; the two together are allowed (tdlib,
    /// `are_entities_valid`: code "can't be part of other entities, except blockquote").
    fn trace(&mut self, trace: &str) {
        if trace.lines().count() <= UNFOLDED {
            return self.line("pre", trace);
        }
        let before = self.entities.len();
        self.line("code", trace);
        if let Some(code) = self.entities.get(before) {
            let quote = Entity {
                kind: "expandable_blockquote",
                ..*code
            };
            self.entities.insert(before, quote);
        }
    }

    fn finish(self, cut: bool) -> EntityText {
        EntityText {
            text: self.text,
            entities: self.entities,
            cut,
        }
    }
}

/// Returns whether `clean_input_string` removes the character and [`make_visible`](crate::text::visible::make_visible) leaves:
/// three combining characters that can be piled up to cover other lines.
fn is_removed(c: char) -> bool {
    matches!(c, '\u{30a}' | '\u{333}' | '\u{33f}')
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::{is_inert, rich};
    use crate::adapter::Notice;

    #[test]
    fn offsets_are_in_utf_16_and_the_limit_in_code_points() {
        let mut notice = Notice::new(Level::ERROR, "🔥🔥");
        notice.body = "😀".repeat(5_000);
        notice.time = std::time::UNIX_EPOCH - std::time::Duration::from_secs(1);
        let message = rich(&notice, None);
        let length = message.text.chars().count();
        assert!((4_000..=4_096).contains(&length), "{length}");
        assert!(message.cut);
        assert_eq!(message.entities[0].offset, 3);
        assert_eq!(message.entities[0].length, 4);
        assert_eq!(message.entities[1].offset, 8);
    }

    #[test]
    fn a_name_that_could_be_linked_is_not_bold() {
        assert!(is_inert("My App Production") && is_inert("магазин-2"));
        for name in [
            "shop.example.org",
            "@shop",
            "#shop",
            "a/b",
            "12:30",
            "4111 1111 1111 1111",
            "650 555 1234",
            "",
        ] {
            assert!(!is_inert(name), "{name}");
        }
    }
}
