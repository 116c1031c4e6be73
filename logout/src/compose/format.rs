//! `format`: how the text of a message is made.

use std::fmt::Write as _;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::block::{Format, Segment};
use crate::notice::Notice;

/// Makes the text of a message what `format` says it is; the layout around it stays.
pub(super) fn shape(notice: &mut Notice, format: Format, utc: bool) {
    match format {
        Format::Message => {}
        Format::Template(segments) => {
            notice.body = fill(segments, notice, utc);
            if segments.contains(&Segment::Metadata) {
                notice.fields.clear();
            }
        }
        Format::Function(function) => notice.body = function(notice),
    }
}

fn fill(segments: &[Segment], notice: &Notice, utc: bool) -> String {
    let mut text = String::new();
    for segment in segments {
        let _infallible = match *segment {
            Segment::Text(plain) => text.write_str(plain),
            Segment::Date => text.write_str(&local(notice.time, utc, "%Y-%m-%d")),
            Segment::Time => text.write_str(&local(notice.time, utc, "%H:%M:%S%.3f")),
            Segment::Level => text.write_str(notice.severity.as_str()),
            Segment::LevelPad => write!(text, "{:1$}", "", 5_usize.saturating_sub(notice.severity.as_str().len())),
            Segment::Message => message(&mut text, notice),
            Segment::Metadata => metadata(&mut text, notice),
            Segment::Node => text.write_str(&notice.host),
        };
    }
    text.trim_end().to_owned()
}

fn message(text: &mut String, notice: &Notice) -> std::fmt::Result {
    text.write_str(&notice.headline)?;
    if notice.body.is_empty() { Ok(()) } else { write!(text, "\n{}", notice.body) }
}

/// `key=value key=value`
fn metadata(text: &mut String, notice: &Notice) -> std::fmt::Result {
    for (index, field) in notice.fields.iter().enumerate() {
        let space = if index > 0 { " " } else { "" };
        write!(text, "{space}{}={}", field.name, field.value)?;
    }
    Ok(())
}

/// A moment in civil time, for a text in which no platform shows native times.
pub(super) fn local(time: SystemTime, utc: bool, format: &str) -> String {
    let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
    // Times that a calendar cannot hold come from a broken clock.
    Timestamp::try_from(time).map_or_else(|_| "?".to_owned(), |time| time.to_zoned(zone).strftime(format).to_string())
}
