//! Writers of Block Kit's objects, by the names they have there.

use crate::transport::request::JsonWriter;

/// The styles of a run.
pub(super) const BOLD: Option<&str> = Some("bold");
pub(super) const CODE: Option<&str> = Some("code");

/// Writes a block of rich text.
pub(super) fn rich(json: &mut JsonWriter<'_>, elements: impl FnOnce(&mut JsonWriter<'_>)) {
    elements_of(json, "rich_text", elements);
}

/// Writes a section of rich text.
pub(super) fn section(json: &mut JsonWriter<'_>, runs: impl FnOnce(&mut JsonWriter<'_>)) {
    elements_of(json, "rich_text_section", runs);
}

/// Writes a preformatted part of rich text.
pub(super) fn preformatted(json: &mut JsonWriter<'_>, runs: impl FnOnce(&mut JsonWriter<'_>)) {
    elements_of(json, "rich_text_preformatted", runs);
}

fn elements_of(json: &mut JsonWriter<'_>, kind: &str, elements: impl FnOnce(&mut JsonWriter<'_>)) {
    json.typed(kind, |json| json.name("elements").array(elements));
}

/// Writes a text object: `plain_text`, or `mrkdwn`, which is for text of our own alone.
pub(super) fn text_object(
    json: &mut JsonWriter<'_>,
    kind: &str,
    texts: &[&str],
    (option, is_on): (&'static str, bool),
) {
    json.typed(kind, |json| {
        json.name("text").texts(texts);
        json.name(option).boolean(is_on);
    });
}

/// Writes a run of raw text: nothing in it is markup.
pub(super) fn raw(json: &mut JsonWriter<'_>, texts: &[&str]) {
    run(json, texts, None);
}

/// Writes a run of raw text in this style.
pub(super) fn run(json: &mut JsonWriter<'_>, texts: &[&str], style: Option<&'static str>) {
    json.typed("text", |json| {
        json.name("text").texts(texts);
        if let Some(style) = style {
            json.name("style")
                .object(|json| json.name(style).boolean(true));
        }
    });
}

/// Writes a link, which is a run with an address, as raw as the text; a button with an address asks the
/// sender for an answer, which a webhook cannot give (`@slack/types`, `Button.url`).
pub(super) fn link(json: &mut JsonWriter<'_>, name: &str, url: &str) {
    json.typed("link", |json| {
        json.name("text").text(name);
        json.name("url").text(url);
    });
}
