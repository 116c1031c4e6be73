//! The elements of an Adaptive Card, and the message that it is sent in.

use serde::Serialize;

use crate::adapter::truncate;
use crate::text::timestamp::Timestamp;

/// The longest small line: context, spans and place, each.
const LINE: usize = 600;

/// The body of a request.
#[derive(Serialize)]
pub(in crate::adapter::teams) struct Message {
    pub(super) r#type: &'static str,
    pub(super) attachments: [Attachment; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attachment {
    pub(super) content_type: &'static str,
    /// Required by the schema of a flow's trigger.
    pub(super) content_url: Option<&'static str>,
    pub(super) content: Card,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Card {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) r#type: &'static str,
    pub(super) version: &'static str,
    pub(super) msteams: TeamsProperties,
    pub(super) body: Vec<Element>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) actions: Vec<OpenUrl>,
}

#[derive(Serialize)]
pub(super) struct TeamsProperties {
    pub(super) width: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) entities: Vec<Mention>,
}

/// The entity without which no text of a card mentions anybody (Microsoft, "Format cards in Teams",
/// "Mention support").
#[derive(Serialize)]
pub(super) struct Mention {
    pub(super) r#type: &'static str,
    pub(super) text: String,
    pub(super) mentioned: User,
}

#[derive(Serialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub(super) enum Element {
    Container {
        style: &'static str,
        bleed: bool,
        items: Vec<Element>,
    },
    /// Runs of raw text.
    RichTextBlock {
        inlines: Vec<TextRun>,
    },
    /// Only for text of our own: it is read as Markdown.
    TextBlock {
        text: String,
        wrap: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<&'static str>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_subtle: bool,
    },
    /// Raw text with white space preserved. It is not in the public schema, but Teams supports it.
    CodeBlock {
        code_snippet: String,
        language: &'static str,
    },
    /// Both columns are read as Markdown.
    FactSet {
        facts: Vec<Fact>,
    },
    ActionSet {
        actions: Vec<OpenUrl>,
    },
}

#[derive(Serialize)]
pub(super) struct Fact {
    pub(super) title: String,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct OpenUrl {
    pub(super) r#type: &'static str,
    pub(super) title: String,
    pub(super) url: String,
}

/// A run of text: "Markdown is not supported" (Adaptive Cards, `TextRun`).
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextRun {
    pub(super) r#type: &'static str,
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) font_type: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_subtle: bool,
}

/// Returns the cost of a character.
pub(super) fn cost(c: char) -> usize {
    truncate::json_bytes(c)
}

pub(super) fn run(text: &str) -> TextRun {
    TextRun {
        r#type: "TextRun",
        text: without_functions(text),
        ..TextRun::default()
    }
}

/// Returns the text with a zero-width space in what the apps replace by a date, in runs too.
pub(super) fn without_functions(text: &str) -> String {
    ["DATE", "TIME"].iter().fold(text.to_owned(), |text, name| {
        text.replace(&format!("{{{{{name}("), &format!("{{\u{200b}{{{name}("))
    })
}

pub(super) fn line(run: TextRun) -> Element {
    Element::RichTextBlock { inlines: vec![run] }
}

/// Returns a line of small text; none if it is empty.
pub(super) fn small(text: &str) -> Option<Element> {
    let text = truncate::keep_start(text, LINE, cost);
    (!text.is_empty()).then(|| {
        line(TextRun {
            size: Some("Small"),
            is_subtle: true,
            ..run(&text)
        })
    })
}

/// Returns a line of text of our own.
pub(super) fn own_text(text: String) -> Element {
    Element::TextBlock {
        text,
        wrap: true,
        size: None,
        is_subtle: false,
    }
}

/// Returns the time, shown in the reader's zone (Adaptive Cards, "Text features", "Date/time
/// formatting").
pub(super) fn time(time: Timestamp) -> Element {
    let time = time.rfc3339();
    Element::TextBlock {
        text: format!("{{{{DATE({time}, SHORT)}}}} {{{{TIME({time})}}}}"),
        wrap: true,
        size: Some("Small"),
        is_subtle: true,
    }
}

pub(super) fn code_block(text: &str) -> Option<Element> {
    (!text.trim().is_empty()).then(|| Element::CodeBlock {
        code_snippet: text.to_owned(),
        language: "PlainText",
    })
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
