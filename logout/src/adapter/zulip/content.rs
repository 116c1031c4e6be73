//! A notice as Zulip's Markdown.
//!
//! Text from the log stands in fences and code spans only: in them nothing is a mention, a link,
//! an emoji or a formula, and nothing can be escaped anywhere else.

use crate::adapter::Notice;
use crate::adapter::code_span::{code_span, limit_backtick_runs, longest_backtick_run};
use crate::adapter::layout;
use crate::adapter::log_text;
use crate::adapter::notice::format_origin;
use crate::adapter::truncate::{self, code_points};

/// The limit of a message, in code points (`MAX_MESSAGE_LENGTH`). What is longer the server cuts
/// without a word, and with the end of a fence the rest of the page becomes code.
const MESSAGE: usize = 10_000;
/// Runs of backticks are broken from here on, so that no fence is longer than one more.
const RUN: usize = 16;
/// Context, place and spans, each.
const LINE: usize = 500;
const FIELDS: usize = 40;
const FIELD: usize = 500;
/// All fields together.
const ALL_FIELDS: usize = 3_000;

/// Everything in one fence.
pub(super) fn plain(notice: &Notice) -> String {
    let text = layout::plain(notice);
    let whole = limit_backtick_runs(&text, RUN);
    fence(
        "text",
        &truncate::keep_both_ends(&whole, MESSAGE - FENCES, code_points),
    )
}

/// The most that a fence adds, twice, with the spoiler around one of them.
const FENCES: usize = 3 * (2 * (RUN + 1) + 24);

/// Returns the content, and whether something had to be left out.
pub(super) fn rich(
    notice: &Notice,
    mention: Option<String>,
    file: Option<String>,
) -> (String, bool) {
    // The head line names the origin, so the fence holds the message whole.
    let message = layout::message(notice);
    let message = limit_backtick_runs(&message, RUN);
    let trace = layout::backtrace(notice);
    let trace = limit_backtick_runs(&trace, RUN);

    let mut above = head(notice);
    if let Some(mention) = mention {
        above.push_str(&format!(" {mention}"));
    }
    let context = layout::context(notice);
    line(&mut above, &span(&context, LINE));
    let (mut below, mut whole) = fields(notice);
    for part in foot(notice) {
        line(&mut below, &part);
    }
    if let Some(path) = file {
        line(&mut below, &format!("[log.txt]({path})"));
    }

    let taken = above.chars().count() + below.chars().count() + FENCES;
    let room = MESSAGE.saturating_sub(taken);
    let (message_length, trace_length) = (message.chars().count(), trace.chars().count());
    let (for_message, for_trace) = truncate::share_room(room, message_length, trace_length);
    whole &= for_message == message_length && for_trace == trace_length;

    let mut content = above;
    line(
        &mut content,
        &fence(
            "text",
            &truncate::keep_both_ends(&message, for_message, code_points),
        ),
    );
    line(&mut content, &below);
    if !trace.is_empty() {
        let trace = fence(
            "text",
            &truncate::keep_both_ends(&trace, for_trace, code_points),
        );
        line(&mut content, &fence("spoiler Backtrace", &trace));
    }
    content.truncate(content.trim_end().len());
    (content, !whole)
}

/// Emoji, level and origin.
fn head(notice: &Notice) -> String {
    let mut head = format!("{} **{}**", notice.emoji(), notice.severity.as_str());
    let origin = log_text::one_line(&format_origin(notice));
    // A line number alone is no origin.
    if !origin.is_empty() && !origin.starts_with(':') {
        head.push_str(" in ");
        head.push_str(&span(&origin, LINE));
    }
    head
}

/// Returns one item of a list for each field; one of several lines stands below the list as a
/// fence, for in an item it would have to be indented, and its text with it.
fn fields(notice: &Notice) -> (String, bool) {
    let (fields, mut whole) = layout::fields(notice, FIELDS, FIELD, code_points);
    let (mut list, mut blocks) = (String::new(), String::new());
    let mut room = ALL_FIELDS;
    let mut shown = 0;
    for field in &fields {
        let name = span(&field.name, FIELD);
        let is_block = field.value.contains('\n');
        let item = if is_block {
            format!(
                "{name}\n{}",
                fence("text", &limit_backtick_runs(&field.value, RUN))
            )
        } else if field.value.is_empty() {
            format!("* {name}")
        } else {
            format!("* {name}: {}", span(&field.value, FIELD))
        };
        let price = item.chars().count() + 1;
        if price > room {
            break;
        }
        room -= price;
        shown += 1;
        line(if is_block { &mut blocks } else { &mut list }, &item);
    }
    if let Some(more) = layout::more_fields(notice, shown) {
        whole = false;
        line(&mut list, &format!("* {more}"));
    }
    if !list.is_empty() {
        // A line directly below a list would belong to its last item.
        list.push('\n');
    }
    line(&mut list, &blocks);
    (list, whole)
}

/// Spans, then place, time and fingerprint.
fn foot(notice: &Notice) -> [String; 2] {
    let time = layout::time(notice);
    let place = [
        span(&layout::place(notice), LINE),
        time.map(|time| format!("<time:{}>", time.rfc3339()))
            .unwrap_or_default(),
        span(&layout::fingerprint(notice), LINE),
    ];
    let place: Vec<_> = place.into_iter().filter(|part| !part.is_empty()).collect();
    [span(&layout::spans(notice), LINE), place.join(" · ")]
}

/// Returns a code span of at most about `budget`, empty for nothing.
fn span(text: &str, budget: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    code_span(&limit_backtick_runs(
        &truncate::keep_start(text, budget, code_points),
        2,
    ))
}

/// Returns a fence longer than any run inside: a block ends only at a line that equals its
/// beginning. It always names a language, for without one the organisation's default is taken, and
/// in some of those markup is read.
fn fence(language: &str, text: &str) -> String {
    let fence = "`".repeat(usize::max(3, longest_backtick_run(text) + 1));
    format!("{fence}{language}\n{text}\n{fence}")
}

/// Adds a line, unless it is empty.
fn line(content: &mut String, line: &str) {
    if line.is_empty() {
        return;
    }
    if !content.is_empty() {
        content.push('\n');
    }
    content.push_str(line);
}

#[cfg(test)]
mod tests {
    use super::fence;

    #[test]
    fn a_fence_is_longer_than_any_run_inside() {
        assert_eq!(fence("text", "a\n```\nb"), "````text\na\n```\nb\n````");
        assert_eq!(fence("text", "a"), "```text\na\n```");
    }
}
