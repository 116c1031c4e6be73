//! The fields of a notice in an Adaptive Card.

use super::element::{Element, Fact, TextRun, code_block, cost, line, run};
use crate::adapter::Notice;
use crate::adapter::layout::{self, APART, FieldText};

const FIELDS: usize = 30;
/// The value of a field.
const FIELD: usize = 900;
/// All fields together, with the JSON around them.
const ALL_FIELDS: usize = 4_000;
/// The JSON around name and value of a field that has a block of its own.
const AROUND_FIELD: usize = 160;

/// Returns fields as facts if their text cannot be Markdown, then the other short ones in a line,
/// then each long one in a block of its own.
pub(super) fn fields(notice: &Notice) -> Vec<Element> {
    let (fields, _) = layout::fields(notice, FIELDS, FIELD, cost);
    let fields = layout::fields_within(fields, ALL_FIELDS, AROUND_FIELD, cost);
    let mut facts = Vec::new();
    let mut runs = Vec::new();
    let mut blocks = Vec::new();
    for field in &fields {
        if field.is_plain() && is_inert(&field.name) && is_inert(&field.value) {
            facts.push(Fact {
                title: field.name.to_string(),
                value: field.value.to_string(),
            });
        } else if field.is_short() {
            add_short(&mut runs, field);
        } else {
            blocks.push(line(TextRun {
                weight: Some("Bolder"),
                ..run(&field.name)
            }));
            blocks.extend(code_block(&field.value));
        }
    }
    if let Some(more) = layout::more_fields(notice, fields.len()) {
        set_apart(&mut runs);
        runs.push(run(&more));
    }
    let facts = (!facts.is_empty()).then_some(Element::FactSet { facts });
    let runs = (!runs.is_empty()).then_some(Element::RichTextBlock { inlines: runs });
    facts.into_iter().chain(runs).chain(blocks).collect()
}

fn add_short(runs: &mut Vec<TextRun>, field: &FieldText<'_>) {
    set_apart(runs);
    runs.push(TextRun {
        weight: Some("Bolder"),
        ..run(&field.name)
    });
    runs.push(run(" "));
    let value = if field.value.is_empty() {
        "\"\""
    } else {
        &field.value
    };
    let font_type = (!field.is_plain()).then_some("Monospace");
    runs.push(TextRun {
        font_type,
        ..run(value)
    });
}

/// Adds a separator, unless nothing precedes it.
fn set_apart(runs: &mut Vec<TextRun>) {
    if !runs.is_empty() {
        runs.push(run(APART));
    }
}

/// Returns whether a text reads the same with and without Markdown, in any dialect: a fact of a
/// card reads a part of `CommonMark`, and no escape is documented.
fn is_inert(text: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let begins_a_list = text.starts_with(['-', '+', '#', '='])
        || text
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with([')', '.'])
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text.contains(' ');
    let mut before = None;
    let mut signs = text.chars().peekable();
    let mut is_harmless = |c: char, next: Option<char>| {
        let harmless = match c {
            // Inside a word it is no delimiter of CommonMark.
            '_' => is_word(before) && is_word(next),
            // An address without a scheme, and one with it.
            '.' => !next.is_some_and(char::is_alphabetic),
            ':' => next != Some('/'),
            ' ' | ',' | ';' | '?' | '=' | '%' | '\'' | '"' | '/' | '+' | '-' | '(' | ')' | '·'
            | '…' | '×' => true,
            c => c.is_alphanumeric(),
        };
        before = Some(c);
        harmless
    };
    let mut all = true;
    while let Some(c) = signs.next() {
        all &= is_harmless(c, signs.peek().copied());
    }
    all && !begins_a_list && !text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_inert;

    #[test]
    fn only_what_no_markdown_reads_is_inert() {
        for text in [
            "42",
            "12.5",
            "c_1837",
            "eu-central-1",
            "a (b), c",
            "12:04:31",
            "std::io::Error",
            "é ü",
            "50 %",
            "1.10.2",
        ] {
            assert!(is_inert(text), "{text}");
        }
        for text in [
            "",
            " ",
            "*a*",
            "_a_",
            "a_",
            "[a](b)",
            "a.b",
            "main.rs",
            "https://a",
            "<at>",
            "&amp;",
            "# a",
            "- a",
            "1. a",
            "1) a",
            "`a`",
            "~a~",
            "a\\b",
            "{{DATE(x)}}",
            "@ann",
            "![a]",
            "a|b",
            "= a",
            "a\nb",
        ] {
            assert!(!is_inert(text), "{text:?}");
        }
    }
}
