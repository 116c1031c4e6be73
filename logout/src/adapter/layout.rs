//! The parts of a notice in the order in which every platform shows them.

use std::borrow::Cow;

use super::truncate::Cost;
use super::{truncate, visible_text};
use crate::adapter::{Mention, Notice, Severity};
use crate::text::timestamp::Timestamp;

mod card;
mod fields;

pub(super) use self::card::{CardParts, write_card};
pub(super) use self::fields::{FieldText, field_lines, fields, fields_within, more_fields};

/// A message split into emoji, first line, and the block below it.
pub(super) struct SplitMessage<'n> {
    /// The first line of the message, never empty, cut to its budget.
    pub(super) line: Cow<'n, str>,
    /// The other lines; the whole message if the first line had to be cut.
    pub(super) block: Cow<'n, str>,
}

/// Splits the message; the first line costs at most `budget`.
pub(super) fn split_message(notice: &Notice, budget: usize, cost: Cost) -> SplitMessage<'_> {
    let body = visible_text::make_visible(&notice.body);
    let body = visible_text::part(body, |body| trim_lines(body).into());
    let cut = (notice.severity, budget, cost);
    match visible_text::make_visible(notice.headline.trim()) {
        Cow::Borrowed(headline) => split_texts(headline, body, cut),
        Cow::Owned(headline) => {
            let SplitMessage { line, block } = split_texts(&headline, body, cut);
            SplitMessage {
                line: line.into_owned().into(),
                block: block.into_owned().into(),
            }
        }
    }
}

/// The level, which a first line tells where nothing else has room, and its budget.
type Cut = (Severity, usize, Cost);

fn split_texts<'t>(headline: &'t str, body: Cow<'t, str>, cut: Cut) -> SplitMessage<'t> {
    let (first, others) = headline.split_once('\n').unwrap_or((headline, ""));
    let line = cut_line(first, cut);
    let above = if line == first.trim_end() || first.is_empty() {
        trim_lines(others)
    } else {
        headline
    };
    let block = match (above, &*body) {
        ("", _) => body,
        (above, "") => above.into(),
        (above, body) => [above, "\n", body].concat().into(),
    };
    SplitMessage { line, block }
}

/// Returns the first line of the message, as [`split_message`] does.
pub(super) fn first_line(notice: &Notice, budget: usize, cost: Cost) -> Cow<'_, str> {
    let headline = notice.headline.trim();
    let first = headline.split_once('\n').map_or(headline, |(first, _)| {
        first.strip_suffix('\r').unwrap_or(first)
    });
    let cut = (notice.severity, budget, cost);
    visible_text::part(visible_text::make_visible(first), |first| {
        cut_line(first, cut)
    })
}

/// Returns the first line, cut to fit, or the level if there is none.
fn cut_line(first: &str, (severity, budget, cost): Cut) -> Cow<'_, str> {
    match truncate::keep_start(first.trim_end(), budget, cost) {
        line if line.is_empty() => severity.as_str().into(),
        line => line,
    }
}

/// Returns the backtrace, cleaned.
pub(super) fn backtrace(notice: &Notice) -> Cow<'_, str> {
    let trace = visible_text::make_visible(&notice.backtrace);
    visible_text::part(trace, |trace| trim_lines(trace).into())
}

/// The length of a trail's line that is shown.
const TRAIL_LINE: usize = 300;

/// The trail of an event, with its title and the count of omitted lines.
pub(super) struct TrailText {
    pub(super) title: &'static str,
    pub(super) text: String,
    /// Whether it is complete.
    pub(super) whole: bool,
}

/// Returns the trail, cleaned: the newest of its lines, within `budget`.
pub(super) fn trail(notice: &Notice, budget: usize, cost: Cost) -> Option<TrailText> {
    let title = notice.trail_title();
    if title.is_empty() {
        return None;
    }
    let room = budget.saturating_sub("… and 200 before".len() + 1);
    let lines = notice.trail.iter().rev().map(|line| {
        let line = visible_text::into_one_line(line.to_string());
        truncate::keep_start(&line, TRAIL_LINE, cost).into_owned()
    });
    let mut shown = truncate::within(lines, room, |line| truncate::total_cost(line, cost) + 1);
    let left_out = notice.trail.len() - shown.len();
    if left_out > 0 {
        shown.push(format!("… and {left_out} before"));
    }
    shown.reverse();
    Some(TrailText {
        title,
        text: shown.join("\n"),
        whole: left_out == 0,
    })
}

/// Returns the part of `room` that a trail may take, at most `most`, if the text of the event is to
/// have `text` of it: its title and the count of dropped lines always fit.
pub(super) fn trail_budget(most: usize, room: usize, text: usize) -> usize {
    most.min(room.saturating_sub(text + 64))
}

/// Adds the trail below the block, for a chat that folds nothing; returns whether it is complete.
pub(super) fn add_trail(
    block: &mut Cow<'_, str>,
    notice: &Notice,
    budget: usize,
    cost: Cost,
) -> bool {
    let Some(trail) = trail(notice, budget, cost) else {
        return true;
    };
    let block = block.to_mut();
    if !block.is_empty() {
        block.push_str("\n\n");
    }
    block.push_str(trail.title);
    if !trail.text.is_empty() {
        block.push_str(":\n");
        block.push_str(&trail.text);
    }
    trail.whole
}

/// Returns whether the text below the first line needs no block: for a known problem it says in a
/// line or two what changed, and may be wrapped anywhere.
pub(super) fn is_prose(notice: &Notice, block: &str) -> bool {
    let is_indented = |line: &str| line.starts_with(char::is_whitespace);
    notice.is_silent() && !block.contains("  ") && !block.lines().any(is_indented)
}

/// Returns project and host: the notice's second line.
pub(super) fn context(notice: &Notice) -> String {
    visible_text::into_one_line(notice.context())
}

/// Returns the spans around the event.
pub(super) fn spans(notice: &Notice) -> String {
    visible_text::into_one_line(notice.span_path())
}

/// Returns where the event happened, and on which thread: `shop::pay src/pay.rs:88 · thread
/// worker-2`.
pub(super) fn place(notice: &Notice) -> String {
    let place = notice.place();
    if notice.thread.is_empty() {
        return visible_text::into_one_line(place);
    }
    joined([place, format!("thread {}", notice.thread)])
}

/// Returns the fingerprint as it is shown: `#3fa9c1`.
pub(super) fn fingerprint(notice: &Notice) -> String {
    match &*visible_text::one_line(&notice.fingerprint) {
        "" => String::new(),
        fingerprint => ["#", fingerprint].concat(),
    }
}

/// Returns the key of a problem, the same in every replica: project, environment and fingerprint, of at
/// most `most` bytes each; `None` for several problems.
pub(super) fn problem_key(notice: &Notice, most: [usize; 3]) -> Option<String> {
    let parts = [&notice.project, &notice.environment, &notice.fingerprint];
    let [project, environment, fingerprint] = parts.map(|part| visible_text::one_line(part));
    if fingerprint.is_empty() {
        return None;
    }
    let parts = [&project, &environment, &fingerprint].into_iter().zip(most);
    let parts = parts.map(|(part, most)| truncate::keep_start(part, most, truncate::bytes));
    Some(parts.collect::<Vec<_>>().join("/"))
}

/// Joins the parts that are not empty by a middle dot.
pub(super) fn joined<P: AsRef<str>, const N: usize>(parts: [P; N]) -> String {
    let length: usize = parts.iter().map(|part| part.as_ref().len()).sum();
    let mut joined = String::with_capacity(length + N * SEPARATOR.len());
    for part in parts {
        let part = visible_text::one_line(part.as_ref());
        if !joined.is_empty() && !part.is_empty() {
            joined.push_str(SEPARATOR);
        }
        joined.push_str(&part);
    }
    joined
}

/// The separator of parts that share a line.
pub(super) const SEPARATOR: &str = " · ";

/// Adds a line, unless it is empty.
pub(super) fn add_line(text: &mut String, line: &str) {
    if line.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// A link, cleaned and bounded, as a message shows it.
pub(super) struct LinkText {
    pub(super) name: String,
    pub(super) url: String,
}

impl LinkText {
    /// Returns its cost in code points, with markup and separator, which Slack and Telegram do not
    /// have.
    pub(super) fn cost(&self) -> usize {
        self.name.chars().count() + self.url.len() + "[]() · ".len()
    }
}

/// The most links of a message. Telegram, with its limit on entities, is the narrowest.
const LINKS: usize = 20;

/// The longest name of a link, in code points.
const LINK_NAME: usize = 60;

/// The longest address. Discord's embeds take no longer ones.
const URL: usize = 2_048;

/// Returns the links that fit, each within `budget` and together within `room`, with names and
/// addresses converted for the platform. Addresses that are not of the web are left out.
pub(super) fn links(
    notice: &Notice,
    budget: usize,
    room: usize,
    name: fn(&str) -> String,
    url: fn(&str) -> String,
) -> Vec<LinkText> {
    let mut room = room;
    let written = notice.links.iter().filter(|link| is_address(&link.url));
    let written = written.map(|link| {
        let cleaned = visible_text::one_line(&link.name);
        let kept = truncate::keep_start(&cleaned, LINK_NAME, truncate::code_points);
        let name = match name(&kept) {
            empty if empty.trim().is_empty() => "link".to_owned(),
            name => name,
        };
        let url = url(&link.url);
        LinkText { name, url }
    });
    let fits = |link: &LinkText| {
        let cost = link.cost();
        let fits = cost <= usize::min(budget, room);
        room -= if fits { cost } else { 0 };
        fits
    };
    written.filter(fits).take(LINKS).collect()
}

/// Returns whether the text is an address of the web whose characters end an address in no chat.
fn is_address(url: &str) -> bool {
    let is_web = ["https://", "http://"]
        .iter()
        .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
    is_web
        && url.len() <= URL
        && url
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
}

/// Returns an address for the round brackets of Markdown: characters that are markup in some
/// dialect are percent-encoded. The host has none but the brackets of a numeric address, which end
/// nothing.
pub(super) fn markdown_url(url: &str) -> String {
    let (before, behind) = url.split_at_checked(host_end(url)).unwrap_or((url, ""));
    let marks = percent_encoding::utf8_percent_encode(behind, MARKUP);
    format!("{before}{marks}")
}

/// Returns the end of the host of an address.
pub(super) fn host_end(url: &str) -> usize {
    let start = url.find("://").map_or(0, |end| end + 3);
    let host = url.get(start..).unwrap_or_default();
    start + host.find(['/', '?', '#']).unwrap_or(host.len())
}

/// The characters that are markup in some Markdown, although an address may contain them.
const MARKUP: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b'(')
    .add(b')')
    .add(b'[')
    .add(b']')
    .add(b'*')
    .add(b'\'')
    .add(b'$')
    .add(b'~')
    .add(b'@');

/// Returns when the event happened, unless the notice is a report, which states its own times, or
/// the clock is broken.
pub(super) fn time(notice: &Notice) -> Option<Timestamp> {
    Timestamp::new(notice.time).filter(|_| notice.severity != Severity::Report)
}

/// Returns the time for a chat without native times: `2026-11-20 12:04:31 UTC`.
pub(super) fn utc(moment: Timestamp) -> String {
    let text = moment.rfc3339();
    let (date, time) = text.split_once('T').unwrap_or_default();
    [date, " ", time.trim_end_matches('Z'), " UTC"].concat()
}

/// Returns the notice as plain text for code, in which an address is no link.
pub(super) fn plain(notice: &Notice) -> String {
    let whole = crate::adapter::notice::format_without_links(notice);
    let mut text = visible_text::into_visible(whole);
    text.truncate(text.trim_end().len());
    text
}

/// Returns the whole notice as a text file, including what the message cuts and folds.
pub(super) fn file(notice: &Notice) -> String {
    let whole = crate::adapter::notice::format_whole(notice);
    let mut file = visible_text::into_visible(whole);
    file.push('\n');
    file
}

/// Returns whether a file is attached: if frames of the backtrace are folded, or from this many
/// bytes of message and backtrace on as the settings say.
pub(super) fn needs_file(notice: &Notice, file_from: Option<usize>) -> bool {
    let length = notice.headline.len() + notice.body.len() + notice.backtrace.len();
    !notice.whole_backtrace.is_empty() || file_from.is_some_and(|from| length >= from)
}

/// The lowest severity at which a message mentions people.
pub(super) const MENTIONS_FROM: Severity = Severity::Error;

/// Returns whether the configured mention is due.
pub(super) fn mentions(notice: &Notice) -> bool {
    notice.severity >= MENTIONS_FROM && notice.mention == Mention::Allowed
}

/// Returns whether the message should arrive without a sound.
pub(super) fn is_silent(notice: &Notice) -> bool {
    notice.severity < Severity::Error || notice.is_silent()
}

/// Returns the colour of the bar beside the message, as `0xRRGGBB`.
pub(super) fn colour(severity: Severity) -> u32 {
    match severity {
        Severity::Report => 0x8e_44_ad,
        Severity::Trace => 0x95_a5_a6,
        Severity::Debug => 0x7f_8f_a6,
        Severity::Info => 0x34_98_db,
        Severity::Warn => 0xf3_9c_12,
        Severity::Error => 0xe7_4c_3c,
        Severity::Panic => 0x96_1e_1e,
    }
}

/// Removes empty lines at the beginning and white space at the end; the indentation of the first
/// line is kept.
fn trim_lines(text: &str) -> &str {
    let text = text.trim_end();
    if !text.starts_with(char::is_whitespace) {
        return text;
    }
    let blank: usize = text
        .split_inclusive('\n')
        .take_while(|line| line.trim().is_empty())
        .map(str::len)
        .sum();
    text.get(blank..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::{split_message, trim_lines};
    use crate::adapter::Notice;
    use crate::adapter::truncate::code_points;

    #[test]
    fn a_headline_that_fits_is_not_repeated() {
        let mut notice = Notice::new(Level::ERROR, "payment failed");
        notice.body = "caused by: no answer\n".to_owned();
        let opening = split_message(&notice, 100, code_points);
        assert_eq!(opening.line, "payment failed");
        assert_eq!(opening.block, "caused by: no answer");
    }

    #[test]
    fn the_first_line_alone_is_that_of_the_message_taken_apart() {
        for headline in [
            "",
            " a\r\nb",
            "\u{202e}a\r\r\nb",
            "payment failed: \t x",
            "\na",
            "a \n",
        ] {
            let notice = Notice::new(Level::ERROR, headline);
            let line = super::first_line(&notice, 12, code_points);
            assert_eq!(line, split_message(&notice, 12, code_points).line);
        }
    }

    #[test]
    fn a_headline_that_is_cut_stands_whole_in_the_block() {
        let mut notice = Notice::new(Level::ERROR, "payment failed");
        notice.body = "caused by: no answer".to_owned();
        let opening = split_message(&notice, 8, code_points);
        assert_eq!(opening.line, "payment…");
        assert_eq!(opening.block, "payment failed\ncaused by: no answer");
    }

    #[test]
    fn an_event_without_any_text_is_headed_by_its_level() {
        let notice = Notice::new(Level::WARN, " ");
        let opening = split_message(&notice, 80, code_points);
        assert_eq!((&*opening.line, &*opening.block), ("WARN", ""));
    }

    #[test]
    fn indentation_of_the_first_line_survives() {
        assert_eq!(trim_lines("\n \n  a\n b \n\n"), "  a\n b");
    }
}
