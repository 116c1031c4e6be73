//! The setting `mute`, and the fingerprint in a rule.

use syn::parse::ParseStream;
use syn::{Expr, LitStr, Token};

use super::field_names::parse_field;
use super::rule_key::FINGERPRINT;
use super::{Key, parse_expression, parse_list, shape_check, single_ident, skip_separator};
use crate::ast::{Value, text_literal};
use crate::errors::Errors;
use crate::names::ident_text;
use crate::parse::list::{skip_to_comma, take_until_comma};
use crate::parse::next_span;
use crate::settings::{IGNORE, Shape};

/// Parses `["3fa9c1"]`
pub(super) fn parse_fingerprints(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    let list = parse_list(input, key, "fingerprint", errors, |input, errors| {
        parse_fingerprint(input, key, errors)
    });
    list.map(Value::Fingerprints)
}

/// Parses `"3fa9c1"`
fn parse_fingerprint(input: ParseStream<'_>, key: Key<'_>, errors: &mut Errors) -> Option<Expr> {
    let wrong = "a fingerprint is text in quotes";
    let unquoted: String = take_until_comma(&input.fork())
        .to_string()
        .replace(' ', "")
        .trim_start_matches('#')
        .trim_start_matches("0x")
        .to_owned();
    if is_fingerprint(&unquoted) {
        let help = format!("write `{key}: [\"{unquoted}\"]`");
        errors.push(take_until_comma(input), wrong, help);
        return None;
    }
    if reject_rule_for_fingerprint(input, key, errors) {
        return None;
    }
    let help = key.help();
    let value = parse_expression(input, &help, errors).complete()?;
    let unquoted =
        single_ident(&value).filter(|word| ident_text(word).starts_with(char::is_lowercase));
    if let Some(word) = unquoted {
        let help = format!("write `{key}: [\"{word}\"]`");
        errors.push(word, wrong, help);
        return None;
    }
    if let Some(literal) = text_literal(&value)
        && !is_fingerprint(&literal.value())
    {
        let help = format!(
            "{}, with the six or more digits that a message shows after `#`",
            key.help()
        );
        errors.push(literal, fingerprint_mistake(&literal.value()), help);
        return None;
    }
    shape_check::check_shape(Shape::Text, &value, key, errors).then_some(value)
}

/// Reports `fingerprint: "3fa9c1"` and `target: "…"`, which are rules; returns whether it did.
fn reject_rule_for_fingerprint(input: ParseStream<'_>, key: Key<'_>, errors: &mut Errors) -> bool {
    let ahead = input.fork();
    let at = next_span(input);
    let Some(rule) = parse_field(&ahead) else {
        return false;
    };
    if !(ahead.peek(Token![:]) || ahead.peek(Token![=])) || ahead.peek(Token![::]) {
        return false;
    }
    skip_separator(&ahead);
    let text = ahead.parse::<LitStr>().map(|text| text.value());
    let text = text.unwrap_or_else(|_| "…".to_owned());
    let help = if is_fingerprint(&text) {
        format!("write `{key}: [\"{text}\"]`")
    } else {
        format!("write `{IGNORE}: [{rule}: \"{text}\"]`")
    };
    let wrong = format!("`{key}` takes fingerprints alone");
    errors.push_at(at, wrong, help);
    skip_to_comma(input);
    true
}

/// Reports a fingerprint with as few digits as messages once showed. Other texts are names that a
/// program gave to problems.
pub(super) fn reject_short_fingerprint(text: &LitStr, errors: &mut Errors) -> Option<()> {
    let written = text.value();
    if !matches!(count_hex_digits(&written), Some(2 | 4)) {
        return Some(());
    }
    let help = format!(
        "write `{FINGERPRINT}: \"3fa9c1\"`, with the six or more digits that a message shows after `#`"
    );
    errors.push(text, fingerprint_mistake(&written), help);
    None
}

/// Returns what is wrong with a fingerprint.
fn fingerprint_mistake(text: &str) -> &'static str {
    match count_hex_digits(text) {
        Some(4) => "four digits are too few to identify a problem",
        Some(..6) => "these digits are too few to identify a problem",
        _ => "a fingerprint has six to sixteen digits from 0 to f",
    }
}

/// Returns whether `logout` accepts this as a fingerprint.
fn is_fingerprint(text: &str) -> bool {
    count_hex_digits(text).is_some_and(|digits| (6..=16).contains(&digits))
}

/// Returns the number of hexadecimal digits; `None` if there is anything else.
fn count_hex_digits(text: &str) -> Option<usize> {
    let digits = text.trim().trim_start_matches('#');
    let are_digits = digits.chars().all(|digit| digit.is_ascii_hexdigit());
    (are_digits && !digits.is_empty()).then_some(digits.len())
}
