//! The setting `format`: how the text of a message is made.

use std::fmt::Write as _;
use std::time::SystemTime;

use crate::adapter::Notice;
use crate::block::{Format, Segment};
use crate::event::encoding::catch_panics;
use crate::text::timestamp::Timestamp;

/// The `format` in force for a lane.
#[derive(Clone, Debug)]
pub(crate) enum MessageFormat {
    /// As the block has it.
    Block(Format),
    /// As it was changed while the program runs.
    Changed(Template),
}

/// A template read while the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<TemplatePiece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum TemplatePiece {
    Text(String),
    Placeholder(Segment),
}

/// The placeholders of a template, as LoggerBackends has them.
const PLACEHOLDERS: [(&str, Segment); 7] = [
    ("date", Segment::Date),
    ("time", Segment::Time),
    ("level", Segment::Level),
    ("levelpad", Segment::LevelPad),
    ("message", Segment::Message),
    ("metadata", Segment::Metadata),
    ("node", Segment::Node),
];

impl Template {
    /// Parses a template; the error names an unknown placeholder.
    pub(crate) fn parse(template: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut parts = template.split('$');
        pieces.push(TemplatePiece::Text(
            parts.next().unwrap_or_default().to_owned(),
        ));
        for part in parts {
            let end = part
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(part.len());
            let (word, rest) = part.split_at(end);
            match PLACEHOLDERS.iter().find(|(known, _)| *known == word) {
                Some((_, segment)) => pieces.push(TemplatePiece::Placeholder(*segment)),
                None if word.is_empty() => pieces.push(TemplatePiece::Text("$".to_owned())),
                None => {
                    let known: Vec<_> = PLACEHOLDERS
                        .iter()
                        .map(|(known, _)| format!("`${known}`"))
                        .collect();
                    return Err(format!(
                        "`${word}` is no word of a format; there are {}",
                        known.join(", ")
                    ));
                }
            }
            pieces.push(TemplatePiece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }
}

impl MessageFormat {
    /// Replaces the text of a message by what the format makes of it; the layout around it stays.
    pub(super) fn apply(&self, notice: &mut Notice, utc: bool, shown: impl Fn(&str) -> String) {
        let mut text = String::new();
        let mut metadata = false;
        match self {
            Self::Block(Format::Message) => return,
            Self::Block(Format::Function(function)) => {
                // A function of the program, on the thread of all lanes: if it panics the text
                // stays as it was, and what it returns may hold anything.
                if let Some(body) = catch_panics(|| function(notice)) {
                    notice.body = shown(&body);
                }
                return;
            }
            Self::Block(Format::Template(segments)) => {
                for segment in *segments {
                    metadata |= *segment == Segment::Metadata;
                    write(&mut text, *segment, notice, utc);
                }
            }
            Self::Changed(Template(pieces)) => {
                for piece in pieces {
                    match piece {
                        TemplatePiece::Text(plain) => text.push_str(plain),
                        TemplatePiece::Placeholder(word) => {
                            metadata |= *word == Segment::Metadata;
                            write(&mut text, *word, notice, utc);
                        }
                    }
                }
            }
        }
        text.truncate(text.trim_end().len());
        notice.body = text;
        if metadata {
            notice.fields.clear();
        }
    }
}

fn write(text: &mut String, segment: Segment, notice: &Notice, utc: bool) {
    match segment {
        Segment::Text(plain) => text.push_str(plain),
        Segment::Date => text.push_str(&date_and_time(notice.time, utc).0),
        Segment::Time => text.push_str(&date_and_time(notice.time, utc).1),
        Segment::Level => text.push_str(notice.severity.as_str()),
        Segment::LevelPad => {
            let width = 5_usize.saturating_sub(notice.severity.as_str().len());
            text.extend(std::iter::repeat_n(' ', width));
        }
        Segment::Message => {
            text.push_str(&notice.headline);
            if !notice.body.is_empty() {
                text.push('\n');
                text.push_str(&notice.body);
            }
        }
        Segment::Metadata => {
            for (index, field) in notice.fields.iter().enumerate() {
                let space = if index > 0 { " " } else { "" };
                let _infallible = write!(text, "{space}{}={}", field.name, field.value);
            }
        }
        Segment::Node => text.push_str(&notice.host),
    }
}

/// Returns the time of day to the second.
pub(crate) fn time_of_day(time: SystemTime, utc: bool) -> String {
    let (_, mut clock) = date_and_time(time, utc);
    clock.truncate("12:04:31".len());
    clock
}

/// Returns the date and the time of day; a question mark each if the clock is beyond all calendars.
fn date_and_time(time: SystemTime, utc: bool) -> (String, String) {
    let broken = || ("?".to_owned(), "?".to_owned());
    Timestamp::new(time).map_or_else(broken, |moment| moment.date_and_time(utc))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{MessageFormat, Template};
    use crate::adapter::{Notice, NoticeField};

    fn shaped(template: &str) -> Notice {
        let mut notice = Notice::new(tracing::Level::WARN, "disk almost full");
        notice.time = SystemTime::UNIX_EPOCH + Duration::from_millis(86_400_123);
        notice.host = "web-7".to_owned();
        notice.fields.push(NoticeField::new("free", "3%"));
        MessageFormat::Changed(Template::parse(template).unwrap()).apply(
            &mut notice,
            true,
            str::to_owned,
        );
        notice
    }

    #[test]
    fn every_word_is_filled_in() {
        let notice = shaped("$date $time [$levelpad$level] $node: $message ($metadata) $5");
        assert_eq!(
            notice.body,
            "1970-01-02 00:00:00.123 [ WARN] web-7: disk almost full (free=3%) $5"
        );
        assert!(
            notice.fields.is_empty(),
            "what stands in the text is not event_text twice"
        );
    }

    #[test]
    fn fields_stay_where_the_template_leaves_them_out() {
        assert_eq!(shaped("$message").fields.len(), 1);
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = Template::parse("$tiem $message").unwrap_err();
        assert!(
            error.starts_with("`$tiem` is no word of a format"),
            "{error}"
        );
    }
}
