//! The setting `format`: a template or a function.

use syn::{Expr, LitStr};

use crate::ast::{Value, text_literal};
use crate::errors::Errors;
use crate::names::nearest;
use crate::template::{self, Segment};

/// Names of words in other loggers.
const OTHER_WORDS: [(&str, &str); 5] = [
    ("lvl", "level"),
    ("msg", "message"),
    ("severity", "level"),
    ("timestamp", "time"),
    ("host", "node"),
];

/// Parses a template in quotes, or a function.
pub(super) fn from_expr(value: Expr, errors: &mut Errors) -> Value {
    let Some(template) = text_literal(&value) else {
        return Value::Function(value);
    };
    let text = template.value();
    let (segments, unknown) = template::parse(&text);
    let shows = segments
        .iter()
        .any(|segment| matches!(segment, Segment::Word(_)));
    if !shows && unknown.is_empty() {
        let words = template::WORDS.iter().map(|(word, _)| (*word, *word));
        let meant = words
            .chain(OTHER_WORDS)
            .fold(text.clone(), |text, (word, meant)| {
                ["${#}", "$(#)", "{#}", "%#"]
                    .iter()
                    .fold(text, |text, shape| {
                        text.replace(&shape.replace('#', word), &format!("${meant}"))
                    })
            });
        let example = if meant.contains('$') && meant != text {
            meant
        } else {
            "$level $message".to_owned()
        };
        let wrong = "this format shows nothing of the event: its words begin with `$`";
        errors.push(template, wrong, format!("write `{example:?}`"));
    }
    for place in unknown {
        let word = text.get(place).unwrap_or_default();
        report_unknown_word(template, word, errors);
    }
    Value::Template(segments)
}

fn report_unknown_word(template: &LitStr, word: &str, errors: &mut Errors) {
    let words = template::WORDS.iter().map(|(word, _)| *word);
    let written = word.trim_start_matches('$');
    let other = OTHER_WORDS.iter().find(|(other, _)| *other == written);
    let meant = other.map(|(_, meant)| *meant);
    let help = match meant.or_else(|| nearest(written, words.clone())) {
        Some(meant) => format!("write `${meant}`"),
        None => {
            let all: Vec<String> = words.map(|word| format!("${word}")).collect();
            format!("the words are {}", all.join(", "))
        }
    };
    let wrong = format!("a format has no word `{word}`");
    let literal = template.token();
    // The error points into the literal if the compiler allows that.
    let inside = literal
        .to_string()
        .find(word)
        .and_then(|start| literal.subspan(start..start + word.len()));
    errors.push_at(inside.unwrap_or_else(|| template.span()), wrong, help);
}
