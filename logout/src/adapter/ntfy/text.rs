//! The rendering of a notice as text for ntfy, which has no markup.
//!
//! The apps make links of what looks like an address, so addresses in log text are broken.

use serde_json::Value;

use super::{MESSAGE, TITLE};
use crate::adapter::answer_json::{list_at, string_at};
use crate::adapter::layout::{self, add_line};
use crate::adapter::truncate::{self, json_bytes};
use crate::adapter::{Notice, Preview, Severity};
use crate::transport::Request;

/// A zero-width space, inserted into what would be an address.
const BREAK: char = '\u{200b}';
/// Place and spans, each.
const LINE: usize = 300;
const FIELDS: usize = 24;
const FIELD: usize = 300;
/// All fields together.
const ALL_FIELDS: usize = 1_000;
/// The trail.
const TRAIL: usize = 800;

/// Returns the cost of a character: a break may be inserted after a colon and a dot.
fn cost(c: char) -> usize {
    match c {
        ':' | 'w' | 'W' => c.len_utf8() + BREAK.len_utf8(),
        c => json_bytes(c),
    }
}

/// Returns the notice as plain text, without a title.
pub(super) fn plain(notice: &Notice) -> String {
    let whole = layout::plain(notice);
    without_links(&truncate::keep_both_ends(&whole, MESSAGE, cost))
}

/// Returns the text below the title.
pub(super) fn rich(notice: &Notice, block: &str) -> String {
    let context = layout::context(notice);
    let above = truncate::keep_start(&context, TITLE, cost);
    let mut below = String::new();
    if let Some(trail) = layout::trail(notice, TRAIL, cost) {
        add_line(&mut below, trail.title);
        add_line(&mut below, &trail.text);
    }
    add_line(&mut below, &fields(notice));
    let spans = layout::spans(notice);
    add_line(&mut below, &truncate::keep_start(&spans, LINE, cost));
    let time = layout::time(notice).map(layout::utc).unwrap_or_default();
    let place = truncate::keep_start(&layout::place(notice), LINE, cost).into_owned();
    let fingerprint = layout::fingerprint(notice);
    let fingerprint = truncate::keep_start(&fingerprint, LINE, cost).into_owned();
    add_line(&mut below, &layout::joined([place, fingerprint, time]));

    let trace = layout::backtrace(notice);
    let taken = truncate::total_cost(&above, cost) + truncate::total_cost(&below, cost);
    // A line feed between each two of the four.
    let room = MESSAGE.saturating_sub(taken + 3 * json_bytes('\n'));
    let [block, trace] = truncate::share(room, [block, &trace], cost);

    let mut text = String::new();
    for part in [&*above, &*block, &below, &*trace] {
        add_line(&mut text, part);
    }
    match without_links(&text) {
        // The server replaces an empty message by `triggered`.
        empty if empty.is_empty() => notice.severity.as_str().to_owned(),
        text => text,
    }
}

/// Returns the fields, a line each.
fn fields(notice: &Notice) -> String {
    let (fields, _) = layout::fields(notice, FIELDS, FIELD, cost);
    let items = fields.iter().map(|field| {
        let apart = match field.value.contains('\n') {
            true => '\n',
            false => ' ',
        };
        format!("{}:{apart}{}", field.name, field.value)
    });
    let mut shown = truncate::within(items, ALL_FIELDS, |item| {
        truncate::total_cost(item, cost) + json_bytes('\n')
    });
    shown.extend(layout::more_fields(notice, shown.len()));
    shown.join("\n")
}

/// Returns the text with a break in every address that the web app would make a link of. It is not
/// documented that phones make links of bare hosts too, and these are not broken.
fn without_links(text: &str) -> String {
    let mut broken = String::with_capacity(text.len() + 16);
    let mut run = 0;
    let mut signs = text.chars().peekable();
    while let Some(c) = signs.next() {
        broken.push(c);
        run = if c.eq_ignore_ascii_case(&'w') {
            run + 1
        } else {
            0
        };
        let ends_scheme = c == ':' && signs.peek() == Some(&'/');
        let ends_www = run >= 3 && signs.peek() == Some(&'.');
        if ends_scheme || ends_www {
            broken.push(BREAK);
        }
    }
    broken
}

/// Returns the preview of a message as the apps show it.
pub(super) fn read(request: &Request) -> Preview {
    let Ok(message) = serde_json::from_slice::<Value>(request.body()) else {
        return Preview::from_request(request);
    };
    let tag = list_at(&message, "tags").next();
    let tag = tag.and_then(Value::as_str);
    let emoji = tag.map(|tag| format!("{} ", emoji(tag)));
    let emoji = emoji.unwrap_or_default();
    let shown = |key: &str| string_at(&message, key).replace(BREAK, "");
    let mut preview = match string_at(&message, "title") {
        "" => Preview::default(),
        title => Preview::new(format!("{emoji}{title}")),
    };
    preview.add(&shown("message"));
    for action in list_at(&message, "actions") {
        let (label, url) = (string_at(action, "label"), string_at(action, "url"));
        preview.add(&format!("{label}: {url}"));
    }
    preview
}

/// Returns the emoji that a tag is shown as.
fn emoji(tag: &str) -> &'static str {
    const ALL: [Severity; 7] = [
        Severity::Report,
        Severity::Trace,
        Severity::Debug,
        Severity::Info,
        Severity::Warn,
        Severity::Error,
        Severity::Panic,
    ];
    let found = ALL
        .into_iter()
        .find(|severity| super::tag(*severity) == tag);
    found.map_or("", Severity::emoji)
}

#[cfg(test)]
mod tests {
    use super::{cost, without_links};
    use crate::adapter::truncate::total_cost;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_broken_and_nothing_else() {
        for (text, broken) in [
            ("see https://a.example", "see https:\u{200b}//a.example"),
            ("www.a.example", "www\u{200b}.a.example"),
            ("std::io at src/main.rs:88", "std::io at src/main.rs:88"),
            ("wwww", "wwww"),
        ] {
            assert_eq!(without_links(text), broken);
        }
    }

    proptest! {
        #[test]
        fn breaks_are_within_the_cost(text in "([ -~]|://|www[.]|\n|é){0,80}") {
            let written = serde_json::to_string(&without_links(&text)).unwrap();
            prop_assert!(written.len() - 2 <= total_cost(&text, cost));
        }
    }
}
