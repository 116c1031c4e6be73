//! The elements of an Adaptive Card.

use crate::adapter::layout::LinkText;
use crate::adapter::truncate::{self, json_bytes};
use crate::text::timestamp::Timestamp;
use crate::transport::request::JsonWriter;

/// The longest small line: context, spans and place, each.
const LINE: usize = 600;

/// The looks of a run of text.
#[derive(Clone, Copy)]
pub(super) enum Style {
    Plain,
    Head,
    Bold,
    Small,
    Code,
}

/// Writes elements in a frame of this colour.
pub(super) fn container(
    json: &mut JsonWriter<'_>,
    style: &str,
    bleed: bool,
    items: impl FnOnce(&mut JsonWriter<'_>),
) {
    json.typed("Container", |json| {
        json.name("style").text(style);
        json.name("bleed").boolean(bleed);
        json.name("items").array(items);
    });
}

/// Writes a run of raw text: "Text to display. Markdown is not supported." (Adaptive Cards, `TextRun`).
pub(super) fn run(json: &mut JsonWriter<'_>, text: &str, style: Style) {
    json.typed("TextRun", |json| {
        json.name("text").text(&without_functions(text));
        match style {
            Style::Plain => {}
            Style::Head => {
                json.name("size").text("Medium");
                json.name("weight").text("Bolder");
            }
            Style::Bold => json.name("weight").text("Bolder"),
            Style::Small => {
                json.name("size").text("Small");
                json.name("isSubtle").boolean(true);
            }
            Style::Code => json.name("fontType").text("Monospace"),
        }
    });
}

/// Returns the text with a zero-width space in what the apps replace by a date, in runs too.
pub(super) fn without_functions(text: &str) -> String {
    ["DATE", "TIME"].iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("{{{{{name}("), &format!("{{\u{200b}{{{name}("))
    })
}

/// Writes a line of runs.
pub(super) fn runs(json: &mut JsonWriter<'_>, runs: impl FnOnce(&mut JsonWriter<'_>)) {
    json.typed("RichTextBlock", |json| json.name("inlines").array(runs));
}

pub(super) fn line(json: &mut JsonWriter<'_>, text: &str, style: Style) {
    runs(json, |json| run(json, text, style));
}

/// Writes a line of small text; none where there is nothing to say.
pub(super) fn small_text(json: &mut JsonWriter<'_>, text: &str) {
    let text = truncate::keep_start(text, LINE, json_bytes);
    if !text.is_empty() {
        line(json, &text, Style::Small);
    }
}

/// Writes a text of our own: it reads Markdown.
fn own_text(json: &mut JsonWriter<'_>, text: &str, is_small: bool) {
    json.typed("TextBlock", |json| {
        json.name("text").text(text);
        json.name("wrap").boolean(true);
        if is_small {
            json.name("size").text("Small");
            json.name("isSubtle").boolean(true);
        }
    });
}

/// Writes the text that calls a user, as the card's [`mention`] says.
pub(super) fn call(json: &mut JsonWriter<'_>, user: &str) {
    own_text(json, &format!("<at>{user}</at>"), false);
}

/// Writes whom the card calls.
pub(super) fn mention(json: &mut JsonWriter<'_>, user: &str) {
    json.typed("mention", |json| {
        json.name("text").texts(&["<at>", user, "</at>"]);
        json.name("mentioned").object(|json| {
            json.name("id").text(user);
            json.name("name").text(user);
        });
    });
}

/// Writes when it happened, in the reader's zone (Adaptive Cards, "Text features", "Date/time
/// formatting").
pub(super) fn time(json: &mut JsonWriter<'_>, time: Timestamp) {
    let time = time.rfc3339();
    let text = format!("{{{{DATE({time}, SHORT)}}}} {{{{TIME({time})}}}}");
    own_text(json, &text, true);
}

/// Writes raw text, in which white space survives. The element is no part of the public schema, but of Teams.
pub(super) fn code_block(json: &mut JsonWriter<'_>, text: &str) {
    if !text.trim().is_empty() {
        json.typed("CodeBlock", |json| {
            json.name("codeSnippet").text(text);
            json.name("language").text("PlainText");
        });
    }
}

/// Writes the member that holds buttons, which lead somewhere.
pub(super) fn actions(json: &mut JsonWriter<'_>, links: &[LinkText]) {
    json.name("actions").array(|json| {
        for link in links {
            json.typed("Action.OpenUrl", |json| {
                json.name("title").text(&link.name);
                json.name("url").text(&link.url);
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::without_functions;

    #[test]
    fn a_text_is_never_a_date() {
        assert_eq!(
            without_functions("{{DATE(2017-02-14T06:00:00Z, SHORT)}} {{TIME(x)}} {{x}}"),
            "{\u{200b}{DATE(2017-02-14T06:00:00Z, SHORT)}} {\u{200b}{TIME(x)}} {{x}}"
        );
    }
}
