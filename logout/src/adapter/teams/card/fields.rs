//! The fields of a notice in an Adaptive Card.

use super::element::{Style, code_block, line, run, runs};
use crate::adapter::Notice;
use crate::adapter::layout::{self, FieldText, SEPARATOR};
use crate::adapter::truncate::json_bytes as cost;
use crate::transport::request::JsonWriter;

const FIELDS: usize = 30;
/// The value of a field.
const FIELD: usize = 900;
/// All fields together, with the JSON around them.
const ALL_FIELDS: usize = 4_000;
/// The JSON around name and value of a field that has a block of its own.
const AROUND_FIELD: usize = 160;

/// Writes fields as facts where their text cannot be Markdown, then the other short ones in a line, then each long
/// one in a block of its own.
pub(super) fn fields(json: &mut JsonWriter<'_>, notice: &Notice) {
    let (fields, _) = layout::fields(notice, FIELDS, FIELD, cost);
    let fields = layout::fields_within(fields, ALL_FIELDS, AROUND_FIELD, cost);
    let more = layout::more_fields(notice, fields.len());
    let is_fact = |field: &&FieldText<'_>| {
        field.is_plain() && is_inert(&field.name) && is_inert(&field.value)
    };
    let (facts, others): (Vec<_>, Vec<_>) = fields.iter().partition(is_fact);
    let (short, long): (Vec<_>, Vec<_>) = others.into_iter().partition(|field| field.is_short());
    if !facts.is_empty() {
        json.typed("FactSet", |json| {
            json.name("facts").array(|json| {
                for field in facts {
                    fact(json, field);
                }
            });
        });
    }
    if !short.is_empty() || more.is_some() {
        runs(json, |json| write_short(json, &short, more.as_deref()));
    }
    for field in long {
        line(json, &field.name, Style::Bold);
        code_block(json, &field.value);
    }
}

/// Writes a fact, which reads Markdown in both columns.
fn fact(json: &mut JsonWriter<'_>, field: &FieldText<'_>) {
    json.object(|json| {
        json.name("title").text(&field.name);
        json.name("value").text(&field.value);
    });
}

/// Writes short fields one behind the other, and what says how many others there are.
fn write_short(json: &mut JsonWriter<'_>, fields: &[&FieldText<'_>], more: Option<&str>) {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            run(json, SEPARATOR, Style::Plain);
        }
        run(json, &field.name, Style::Bold);
        run(json, " ", Style::Plain);
        match &*field.value {
            "" => run(json, "\"\"", Style::Code),
            value if field.is_plain() => run(json, value, Style::Plain),
            value => run(json, value, Style::Code),
        }
    }
    if let Some(more) = more {
        if !fields.is_empty() {
            run(json, SEPARATOR, Style::Plain);
        }
        run(json, more, Style::Plain);
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
