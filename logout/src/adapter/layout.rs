//! The parts of a notice in the order in which every platform tells them.

use std::borrow::Cow;

use super::truncate::Cost;
use super::{log_text, truncate};
use crate::adapter::{Mention, Notice, Severity};
use crate::text::timestamp::Timestamp;

mod card;
mod fields;

pub(super) use self::card::{CardParts, write_card};
pub(super) use self::fields::{FieldText, field_lines, fields, fields_within, more_fields};

/// The emoji, the first line and what stands in the block below it.
pub(super) struct SplitMessage<'n> {
    /// The first line of the message, never empty, cut to its budget.
    pub(super) line: Cow<'n, str>,
    /// The other lines; the whole message where the first line had to be cut.
    pub(super) block: Cow<'n, str>,
}

/// Takes the message apart; the first line costs at most `budget`.
pub(super) fn split_message(notice: &Notice, budget: usize, cost: Cost) -> SplitMessage<'_> {
    let body = log_text::make_visible(&notice.body);
    let body = log_text::part(body, |body| trim_lines(body).into());
    let cut = (notice.severity, budget, cost);
    match log_text::make_visible(notice.headline.trim()) {
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
    log_text::part(log_text::make_visible(first), |first| cut_line(first, cut))
}

/// Returns the first line as it finds room; where there is none, the level.
fn cut_line(first: &str, (severity, budget, cost): Cut) -> Cow<'_, str> {
    match truncate::keep_start(first.trim_end(), budget, cost) {
        line if line.is_empty() => severity.as_str().into(),
        line => line,
    }
}

/// Returns the backtrace, cleaned.
pub(super) fn backtrace(notice: &Notice) -> Cow<'_, str> {
    let trace = log_text::make_visible(&notice.backtrace);
    log_text::part(trace, |trace| trim_lines(trace).into())
}

/// How much of a line of a trail is shown.
const TRAIL_LINE: usize = 300;

/// What led to it, with the title above it and how many lines are left out; nothing where there is
/// none.
pub(super) struct Trail {
    pub(super) title: &'static str,
    pub(super) text: String,
    /// Whether all of it is there.
    pub(super) whole: bool,
}

/// Returns the trail, cleaned: the newest of its lines, within `budget`.
pub(super) fn trail(notice: &Notice, budget: usize, cost: Cost) -> Option<Trail> {
    let title = notice.trail_title();
    if title.is_empty() {
        return None;
    }
    let room = budget.saturating_sub("… and 200 before".len() + 1);
    let lines = notice.trail.iter().rev().map(|line| {
        let line = log_text::into_one_line(line.to_string());
        truncate::keep_start(&line, TRAIL_LINE, cost).into_owned()
    });
    let mut shown = truncate::within(lines, room, |line| truncate::total_cost(line, cost) + 1);
    let left_out = notice.trail.len() - shown.len();
    if left_out > 0 {
        shown.push(format!("… and {left_out} before"));
    }
    shown.reverse();
    Some(Trail {
        title,
        text: shown.join("\n"),
        whole: left_out == 0,
    })
}

/// Returns how much of `room` a trail may have, of at most `most`, where the text of the event is to
/// have `text` of it: its title and the count of dropped lines always find room.
pub(super) fn trail_budget(most: usize, room: usize, text: usize) -> usize {
    most.min(room.saturating_sub(text + 64))
}

/// Adds the trail below the block, for a chat that folds nothing; returns whether all of it is
/// there.
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

/// Returns whether what stands below the first line needs no block: of what people were told of
/// before it says in a line or two what changed, and reads the same wherever the lines are broken.
pub(super) fn is_prose(notice: &Notice, block: &str) -> bool {
    let is_indented = |line: &str| line.starts_with(char::is_whitespace);
    notice.is_silent() && !block.contains("  ") && !block.lines().any(is_indented)
}

/// Project and host: the notice's second line.
pub(super) fn context(notice: &Notice) -> String {
    log_text::into_one_line(notice.context())
}

/// Returns the spans around it.
pub(super) fn spans(notice: &Notice) -> String {
    log_text::into_one_line(notice.span_path())
}

/// Returns where it happened, and on which thread: `shop::pay src/pay.rs:88 · thread worker-2`.
pub(super) fn place(notice: &Notice) -> String {
    let place = notice.place();
    if notice.thread.is_empty() {
        return log_text::into_one_line(place);
    }
    joined([place, format!("thread {}", notice.thread)])
}

/// Returns the fingerprint as it is shown: `#3fa9c1`.
pub(super) fn fingerprint(notice: &Notice) -> String {
    match &*log_text::one_line(&notice.fingerprint) {
        "" => String::new(),
        fingerprint => ["#", fingerprint].concat(),
    }
}

/// Returns what a problem is known by, whichever replica tells of it: project, environment and fingerprint, of at
/// most so many bytes each. None for several problems.
pub(super) fn problem_key(notice: &Notice, most: [usize; 3]) -> Option<String> {
    let parts = [&notice.project, &notice.environment, &notice.fingerprint];
    let [project, environment, fingerprint] = parts.map(|part| log_text::one_line(part));
    if fingerprint.is_empty() {
        return None;
    }
    let parts = [&project, &environment, &fingerprint].into_iter().zip(most);
    let parts = parts.map(|(part, most)| truncate::keep_start(part, most, truncate::bytes));
    Some(parts.collect::<Vec<_>>().join("/"))
}

/// Returns the parts that are not empty, a middle dot between them.
pub(super) fn joined<P: AsRef<str>, const N: usize>(parts: [P; N]) -> String {
    let length: usize = parts.iter().map(|part| part.as_ref().len()).sum();
    let mut joined = String::with_capacity(length + N * APART.len());
    for part in parts {
        let part = log_text::one_line(part.as_ref());
        if !joined.is_empty() && !part.is_empty() {
            joined.push_str(APART);
        }
        joined.push_str(&part);
    }
    joined
}

/// Stands between what shares a line.
pub(super) const APART: &str = " · ";

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

/// A link, cleaned and bounded, as it stands in a message.
pub(super) struct LinkText {
    pub(super) name: String,
    pub(super) url: String,
}

impl LinkText {
    /// Returns what it takes of a message in code points, with its marks and what stands between it
    /// and the next; more in Slack and Telegram, where it has no marks.
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

/// Returns the links that find room, each within `budget` and together within `room`, with names
/// and addresses written as the platform wants them. What is no address of the web is no link.
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
        let cleaned = log_text::one_line(&link.name);
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

/// Returns whether it is an address of the web, of signs of which none ends one in any chat.
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

/// Returns an address as it stands in the round brackets of Markdown: what is a mark somewhere is
/// percent-encoded. The host has no marks but the brackets of a numeric address, which end nothing.
pub(super) fn markdown_url(url: &str) -> String {
    let (before, behind) = url.split_at_checked(host_end(url)).unwrap_or((url, ""));
    let marks = percent_encoding::utf8_percent_encode(behind, MARKS);
    format!("{before}{marks}")
}

/// Returns where the host of an address ends.
pub(super) fn host_end(url: &str) -> usize {
    let start = url.find("://").map_or(0, |end| end + 3);
    let host = url.get(start..).unwrap_or_default();
    start + host.find(['/', '?', '#']).unwrap_or(host.len())
}

/// What ends or begins something in a Markdown, though it may stand in an address.
const MARKS: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b'(')
    .add(b')')
    .add(b'[')
    .add(b']')
    .add(b'*')
    .add(b'\'')
    .add(b'$')
    .add(b'~')
    .add(b'@');

/// Returns when it happened, unless it is a report, which tells its own times, or the clock is
/// broken.
pub(super) fn time(notice: &Notice) -> Option<Timestamp> {
    Timestamp::new(notice.time).filter(|_| notice.severity != Severity::Report)
}

/// Returns when it happened, for a chat that has no times of its own: `2026-11-20 12:04:31 UTC`.
pub(super) fn utc(moment: Timestamp) -> String {
    let text = moment.rfc3339();
    let (date, time) = text.split_once('T').unwrap_or_default();
    [date, " ", time.trim_end_matches('Z'), " UTC"].concat()
}

/// Returns the notice as plain text, for code, where an address leads nowhere.
pub(super) fn plain(notice: &Notice) -> String {
    let whole = crate::adapter::notice::format_without_links(notice);
    let mut text = log_text::into_visible(whole);
    text.truncate(text.trim_end().len());
    text
}

/// Returns the whole notice as a text file: what the message cuts and folds is in it.
pub(super) fn file(notice: &Notice) -> String {
    let whole = crate::adapter::notice::format_whole(notice);
    let mut file = log_text::into_visible(whole);
    file.push('\n');
    file
}

/// Returns whether a file goes along: where frames of the backtrace are folded, and from this many
/// bytes of message and backtrace on as the settings say.
pub(super) fn is_for_file(notice: &Notice, file_from: Option<usize>) -> bool {
    let length = notice.headline.len() + notice.body.len() + notice.backtrace.len();
    !notice.whole_backtrace.is_empty() || file_from.is_some_and(|from| length >= from)
}

/// From which severity on a message mentions people.
pub(super) const MENTIONS_FROM: Severity = Severity::Error;

/// Returns whether a mention on purpose is due.
pub(super) fn mentions(notice: &Notice) -> bool {
    notice.severity >= MENTIONS_FROM && notice.mention == Mention::Allowed
}

/// Returns whether it should arrive without a sound.
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

/// White space at the end, and empty lines at the beginning, are nothing to read; what indents
/// the first line is.
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
