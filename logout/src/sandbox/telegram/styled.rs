//! A text with its entities, and what the server does to both.

use serde_json::Value;

use super::super::details::TelegramEntity;
use super::super::json::Fields as _;

/// How many `code`, `pre`, `blockquote` and link entities of a message are kept; the rest goes
/// without a word (`MAX_USER_ENTITY_COUNT` in tdlib's `MessageEntity.cpp`).
const ENTITIES: usize = 100;

#[rustfmt::skip]
const KINDS: [&str; 20] = [
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold",
    "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote",
    "code", "pre", "text_link", "text_mention", "custom_emoji", "date_time",
];

/// A text and what is styled in it; offsets and lengths count UTF-16 units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Styled {
    pub(super) text: String,
    pub(super) entities: Vec<TelegramEntity>,
    pub(super) dropped: usize,
}

pub(super) fn utf16_length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

impl Styled {
    pub(super) fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// Takes entities as they are sent beside a text.
    pub(super) fn with_entities(text: &str, entities: &Value) -> Result<Self, String> {
        let Some(list) = entities.as_array() else {
            return Err("expected an Array of MessageEntity".to_owned());
        };
        let mut styled = Self::plain(text);
        for entity in list {
            let Some(fields) = entity.as_object() else {
                return Err("expected an Object".to_owned());
            };
            let number = |name: &str| {
                let value = fields.field(name).as_i64();
                value.ok_or_else(|| format!("Can't find field \"{name}\""))
            };
            let (offset, length) = (number("offset")?, number("length")?);
            let kind = fields.string("type");
            if !KINDS.contains(&kind) {
                return Err("unsupported type specified".to_owned());
            }
            let text = |name: &str| fields.field(name).as_str().map(str::to_owned);
            if kind == "text_link" && text("url").is_none() {
                return Err("Can't find field \"url\"".to_owned());
            }
            let unix_time = fields.field("unix_time").as_i64();
            let date_time_format = text("date_time_format");
            if kind == "date_time" {
                number("unix_time")?;
                check_format(date_time_format.as_deref().unwrap_or_default())?;
            }
            // An entity without length styles nothing and is passed over.
            let (Ok(offset), Ok(length)) = (usize::try_from(offset), usize::try_from(length))
            else {
                return Err("an entity has a negative offset or length".to_owned());
            };
            if length > 0 {
                styled.entities.push(TelegramEntity {
                    kind: kind.to_owned(),
                    offset,
                    length,
                    language: text("language"),
                    url: text("url"),
                    unix_time,
                    date_time_format,
                });
            }
        }
        Ok(styled)
    }

    /// Returns what the server makes of it: control characters become blanks, some are dropped,
    /// blanks at both ends too (tdlib's `clean_input_string` and `fix_formatted_text`); entities
    /// move along.
    pub(super) fn cleaned(self) -> Result<Self, String> {
        // For every UTF-16 unit of the old text where it stands in the new one; `None` in the
        // middle of a character.
        let mut places: Vec<Option<usize>> = Vec::with_capacity(self.text.len() + 1);
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for sign in self.text.chars() {
            places.push(Some(at));
            if sign.len_utf16() == 2 {
                places.push(None);
            }
            let kept = match sign {
                '\n' => Some('\n'),
                '\r' | '\u{2028}'..='\u{202e}' => None,
                // The "vertical lines" of `clean_input_string`: marks that pile up.
                '\u{30a}' | '\u{333}' | '\u{33f}' => None,
                '\0'..'\u{20}' => Some(' '),
                _ => Some(sign),
            };
            if let Some(kept) = kept {
                text.push(kept);
                at += kept.len_utf16();
            }
        }
        places.push(Some(at));
        let mut entities = Vec::new();
        for entity in self.entities {
            entities.push(moved(entity, &places)?);
        }
        let mut cleaned = Self {
            text,
            entities,
            dropped: self.dropped,
        };
        cleaned.trim();
        cleaned.limit_entities();
        Ok(cleaned)
    }

    fn trim(&mut self) {
        let trimmed = self.text.trim_start_matches([' ', '\n']);
        let front = utf16_length(&self.text) - utf16_length(trimmed);
        self.text = trimmed.trim_end_matches(is_blank).to_owned();
        let end = utf16_length(&self.text);
        for entity in &mut self.entities {
            let behind = (entity.offset + entity.length)
                .saturating_sub(front)
                .min(end);
            entity.offset = entity.offset.saturating_sub(front).min(end);
            entity.length = behind - entity.offset;
        }
        self.entities.retain(|entity| entity.length > 0);
    }

    fn limit_entities(&mut self) {
        let all = self.entities.len();
        let mut counted = 0;
        self.entities.retain(|entity| {
            let kind = entity.kind.as_str();
            let counts = [
                "code",
                "pre",
                "text_link",
                "text_mention",
                "blockquote",
                "expandable_blockquote",
            ]
            .contains(&kind);
            counted += usize::from(counts);
            !counts || counted <= ENTITIES
        });
        self.dropped += all - self.entities.len();
    }
}

/// Checks how a `date_time` is to be shown: `r` alone, or a day of the week, a date and a time, each
/// of which may be left out (<https://core.telegram.org/bots/api#date-time-entity-formatting>). A
/// server before Bot API 9.5 knows no such entity; how it refuses one is not verified.
pub(super) fn check_format(format: &str) -> Result<(), String> {
    let rest = format.strip_prefix('w').unwrap_or(format);
    let rest = rest.strip_prefix(['d', 'D']).unwrap_or(rest);
    let rest = rest.strip_prefix(['t', 'T']).unwrap_or(rest);
    if format == "r" || rest.is_empty() {
        Ok(())
    } else {
        Err("Invalid date format used".to_owned())
    }
}

/// Returns an entity where its text has moved to.
fn moved(entity: TelegramEntity, places: &[Option<usize>]) -> Result<TelegramEntity, String> {
    let place = |unit: usize, what: &str| match places.get(unit) {
        Some(Some(place)) => Ok(*place),
        Some(None) => Err(format!(
            "entity beginning at UTF-16 offset {} {what}s in a middle of a UTF-16 symbol at byte offset {unit}",
            entity.offset
        )),
        None => Err(format!(
            "entity beginning at UTF-16 offset {} ends after the end of the text at UTF-16 offset {}",
            entity.offset,
            places.len().saturating_sub(1)
        )),
    };
    let end = entity.offset.saturating_add(entity.length);
    let start = place(entity.offset, "begin")?;
    let length = place(end, "end")? - start;
    Ok(TelegramEntity {
        offset: start,
        length,
        ..entity
    })
}

fn is_blank(sign: char) -> bool {
    matches!(sign, ' ' | '\n' | '\u{a0}' | '\u{200b}' | '\u{3000}')
}
