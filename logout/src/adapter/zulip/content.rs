//! The rendering of a notice in Zulip's Markdown.
//!
//! Headline, project, host and short values are text, escaped by [`inline`]; all other log text is
//! in fences and code spans, in which nothing is a mention, a link, an emoji or a formula.

use super::inline;
use crate::adapter::Notice;
use crate::adapter::code_span::{
    code_span, limit_backtick_runs, longest_backtick_run, push_backticks,
};
use crate::adapter::layout::{self, FieldText, SEPARATOR, add_line};
use crate::adapter::truncate::{self, code_points};

/// The limit of a message, in code points (`MAX_MESSAGE_LENGTH`). The server cuts what is longer
/// silently, and without the end of a fence the rest of the page becomes code.
const MESSAGE: usize = 10_000;
/// The length from which on runs of backticks are broken, so that no fence is longer than one more.
const RUN: usize = 16;
/// The first line, and project and host: a notification shows a line or two.
const HEADLINE: usize = 300;
/// Place, fingerprint and spans, each.
const LINE: usize = 300;
const FIELDS: usize = 40;
const FIELD: usize = 500;
/// All fields together.
const ALL_FIELDS: usize = 2_500;
/// All links together.
const ALL_LINKS: usize = 3_000;

/// Renders everything in one fence.
pub(super) fn plain(notice: &Notice) -> String {
    let text = layout::plain(notice);
    let whole = limit_backtick_runs(&text, RUN);
    let kept = truncate::keep_both_ends(&whole, MESSAGE - FENCES, code_points);
    fence("text", &kept)
}

/// The most that fences add: of the block, of trail and backtrace, and of the spoilers around the
/// two.
const FENCES: usize = 5 * (2 * (RUN + 1) + 24);
/// The trail; the file has the rest.
const TRAIL: usize = 3_000;
/// The room that links leave for block and trail, and for the address of a file.
const LEAST: usize = 600;
/// The room for the block before the trail gets any.
const BLOCK: usize = 1_000;

/// Returns the content, and whether something was left out.
pub(super) fn rich(
    notice: &Notice,
    mention: Option<String>,
    file: Option<String>,
) -> (String, bool) {
    let message = layout::split_message(notice, HEADLINE, code_points);
    let block = limit_backtick_runs(&message.block, RUN);
    let trace = layout::backtrace(notice);
    let trace = limit_backtick_runs(&trace, RUN);

    let line = inline::escape(&message.line);
    let mut above = [notice.emoji(), " **", &line, "**"].concat();
    if let Some(mention) = mention {
        above.push_str(&format!(" {mention}"));
    }
    let context = layout::context(notice);
    let context = truncate::keep_start(&context, HEADLINE, code_points);
    add_line(&mut above, &inline::escape_at_start(&context));
    let (mut below, mut whole) = layout::field_lines(
        notice,
        layout::fields(notice, FIELDS, FIELD, code_points),
        ALL_FIELDS,
        code_points,
        field_item,
    );
    let room = MESSAGE.saturating_sub(above.chars().count() + below.chars().count() + FENCES);
    for part in foot(notice, room.saturating_sub(LEAST)) {
        add_line(&mut below, &part);
    }
    if let Some(path) = file {
        add_line(&mut below, &format!("[log.txt]({path})"));
    }

    let (block_length, trace_length) = (block.chars().count(), trace.chars().count());
    let taken = above.chars().count() + below.chars().count() + FENCES;
    let room = MESSAGE.saturating_sub(taken);
    let for_trail = layout::trail_budget(TRAIL, room, block_length.min(BLOCK));
    let trail = layout::trail(notice, for_trail, code_points);
    let led = trail.as_ref().map_or("", |trail| trail.text.as_str());
    // Broken runs of backticks make it longer.
    let led = limit_backtick_runs(led, RUN);
    let led = truncate::keep_start(&led, for_trail, code_points);
    whole &= trail.as_ref().is_none_or(|trail| trail.whole);
    let room = room.saturating_sub(led.chars().count());
    let (for_block, for_trace) = truncate::share_room(room, block_length, trace_length);
    whole &= for_block == block_length && for_trace == trace_length;

    let mut content = above;
    if !block.is_empty() {
        let block = truncate::keep_both_ends(&block, for_block, code_points);
        add_line(&mut content, &fence("text", &block));
    }
    if let Some(trail) = &trail {
        let spoiler = format!("spoiler {}", trail.title);
        add_line(&mut content, &fence(&spoiler, &fence("text", &led)));
    }
    add_line(&mut content, &below);
    if for_trace > 0 {
        let trace = truncate::keep_both_ends(&trace, for_trace, code_points);
        let trace = fence("text", &trace);
        add_line(&mut content, &fence("spoiler Backtrace", &trace));
    }
    content.truncate(content.trim_end().len());
    (content, !whole)
}

/// Returns the name in bold and the value as text, as code, or in a fence below.
fn field_item(field: &FieldText<'_>) -> String {
    let name = inline::escape(&field.name);
    let value = match &*field.value {
        "" => span("\"\"", FIELD),
        value if field.is_plain() => inline::escape(value),
        value if value.contains('\n') => {
            let block = fence("text", &limit_backtick_runs(value, RUN));
            return ["**", &name, "**\n", &block].concat();
        }
        value => span(value, FIELD),
    };
    ["**", &name, "** ", &value].concat()
}

/// Returns spans, links, and place with fingerprint and time; links take the rest of `room`.
fn foot(notice: &Notice, room: usize) -> [String; 3] {
    let time = layout::time(notice);
    let place = [
        span(&layout::place(notice), LINE),
        span(&layout::fingerprint(notice), LINE),
        // Last, since a notification shows its source.
        time.map(|time| format!("<time:{}>", time.rfc3339()))
            .unwrap_or_default(),
    ];
    let place: Vec<_> = place.into_iter().filter(|part| !part.is_empty()).collect();
    let (spans, place) = (span(&layout::spans(notice), LINE), place.join(SEPARATOR));
    let room = room.saturating_sub(spans.chars().count() + place.chars().count());
    let links = links(notice, room.min(ALL_LINKS));
    [spans, links, place]
}

/// Returns the links, side by side, of `budget` bytes at most.
fn links(notice: &Notice, budget: usize) -> String {
    let url = |url: &str| without_preview(layout::markdown_url(url));
    let links = layout::links(notice, budget, budget, inline::escape, url);
    let links = links
        .iter()
        .map(|link| format!("[{}]({})", link.name, link.url));
    links.collect::<Vec<_>>().join(SEPARATOR)
}

/// The extensions and hosts that Zulip shows below a message that links to them (`IMAGE_EXTENSIONS`
/// of `zerver/lib/markdown/__init__.py`, and the videos that it knows). It shows other pages only
/// for people, not for bots.
const SHOWN: [&str; 9] = [
    "bmp", "gif", "jpe", "jpeg", "jpg", "mp4", "png", "webm", "webp",
];

/// Returns an address that Zulip does not take for a picture's, since no value may bring one into a
/// message. Browsers and servers read an encoded dot as a dot.
fn without_preview(url: String) -> String {
    let host = layout::host_end(&url);
    let path = url.find(['?', '#']).unwrap_or(url.len());
    let ends = [path, url.len()].into_iter().filter_map(|end| {
        let (dot, extension) = url.get(..end)?.rsplit_once('.')?;
        if dot.len() < host {
            return None;
        }
        let mut shown = SHOWN.iter();
        let is_shown = shown.any(|shown| extension.eq_ignore_ascii_case(shown));
        is_shown.then_some(dot.len())
    });
    let mut dots: Vec<_> = ends.collect();
    dots.dedup();
    let mut url = url;
    for dot in dots.into_iter().rev() {
        url.replace_range(dot..=dot, "%2E");
    }
    url
}

/// Returns a code span of at most about `budget`, empty for nothing.
fn span(text: &str, budget: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    let kept = truncate::keep_start(text, budget, code_points);
    code_span(&limit_backtick_runs(&kept, 2))
}

/// Returns a fence longer than any run inside: a block ends only at a line that equals its
/// beginning. It always names a language, since the organisation's default may be one in which
/// markup is read.
fn fence(language: &str, text: &str) -> String {
    let length = usize::max(3, longest_backtick_run(text) + 1);
    let mut fenced = String::with_capacity(text.len() + language.len() + 2 * (length + 1));
    push_backticks(&mut fenced, length);
    for part in [language, "\n", text, "\n"] {
        fenced.push_str(part);
    }
    push_backticks(&mut fenced, length);
    fenced
}

#[cfg(test)]
mod tests {
    use super::{fence, without_preview};

    #[test]
    fn no_address_is_one_of_a_picture() {
        for (url, written) in [
            ("https://a.example/x", "https://a.example/x"),
            ("https://a.example/x.png", "https://a.example/x%2Epng"),
            (
                "https://a.example/x.PNG?y=1",
                "https://a.example/x%2EPNG?y=1",
            ),
            (
                "https://a.example/x?y=z.mp4",
                "https://a.example/x?y=z%2Emp4",
            ),
            (
                "https://a.example/x.gif#z.webm",
                "https://a.example/x%2Egif#z%2Ewebm",
            ),
            ("https://a.example/x.png/y", "https://a.example/x.png/y"),
            ("https://a.example/main.rs", "https://a.example/main.rs"),
            ("https://a.png", "https://a.png"),
            ("https://a.png?x", "https://a.png?x"),
        ] {
            assert_eq!(without_preview(url.to_owned()), written);
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_run_inside() {
        assert_eq!(fence("text", "a\n```\nb"), "````text\na\n```\nb\n````");
        assert_eq!(fence("text", "a"), "```text\na\n```");
    }
}
