//! The lists among the values, and what stands in them.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Lit, LitStr, Token};

use super::{brackets, expression, follows, is_literal_of, level, word};
use crate::ast::{Rule, Value};
use crate::errors::Errors;
use crate::names::text;
use crate::parse::list::{entries, inside, skip_to_comma};
use crate::parse::{next_span, no_attributes};
use crate::settings::Shape;

/// What others say for an empty list.
const NONE: [&str; 4] = ["none", "None", "nothing", "off"];

/// `all`, or `[order, http.status]`
pub(super) fn metadata(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let name = text(key);
    if !input.peek(syn::token::Bracket) {
        let value = expression(input, errors).whole()?;
        if word(&value).is_some_and(|word| word == "all") {
            return Some(Value::All);
        }
        let none = word(&value).is_some_and(|word| NONE.contains(&text(word).as_str()));
        let wrong = format!("`{name}` takes `all` or a list of fields");
        let meant = if none { "[]" } else { example };
        errors.at(value, wrong, format!("write `{name}: {meant}`"));
        return None;
    }
    let at = next_span(input);
    let fields = fields(input, key, example, errors)?;
    if matches!(fields.as_slice(), [only] if only == "all") {
        let wrong = "all fields are shown by the word without brackets";
        errors.span(at, wrong, format!("write `{name}: all`"));
        return None;
    }
    Some(Value::Fields(fields))
}

/// `[order, http.status]`
pub(super) fn fields(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    inside(&brackets(input, key, example, errors)?, |input| {
        entries(input, errors, "field", |input, errors| match field(input) {
            Some(field) => {
                no_value(input, &field, errors);
                fields.push(field);
            }
            None => {
                let help = format!("write `{}: {example}`", text(key));
                errors.span(next_span(input), "expected the name of a field", help);
                skip_to_comma(input);
            }
        });
    });
    Some(fields)
}

/// Reports what is written behind a field and does not belong there.
fn no_value(input: ParseStream<'_>, field: &str, errors: &mut Errors) {
    let (wrong, help) = if input.peek(Token![::]) {
        (
            "the parts of a field's name are separated by `.`",
            format!("write `{field}.…`"),
        )
    } else if input.peek(Token![:]) || input.peek(Token![=]) {
        (
            "a field is meant, whatever its value",
            format!("write `{field}`"),
        )
    } else {
        return;
    };
    errors.span(next_span(input), wrong, help);
    skip_to_comma(input);
}

/// As `logout` reads it.
fn is_fingerprint(text: &str) -> bool {
    let digits = text.trim().trim_start_matches('#');
    digits.len() == 4 && digits.chars().all(|digit| digit.is_ascii_hexdigit())
}

/// `order`, `http.status` or `"http.status"`
fn field(input: ParseStream<'_>) -> Option<String> {
    if input.peek(LitStr) {
        return input.parse().ok().map(|name: LitStr| name.value());
    }
    let mut name = text(&input.call(Ident::parse_any).ok()?);
    while input.parse::<Token![.]>().is_ok() {
        name.push('.');
        name.push_str(&text(&input.call(Ident::parse_any).ok()?));
    }
    Some(name)
}

/// `[target: "my_app", user: "bob"]`
pub(super) fn rules(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let mut rules = Vec::new();
    inside(&brackets(input, key, example, errors)?, |input| {
        entries(input, errors, "rule", |input, errors| {
            rules.extend(rule(input, key, example, errors));
        });
    });
    Some(Value::Rules(rules))
}

/// `target: "my_app"`
fn rule(
    input: ParseStream<'_>,
    setting: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Rule> {
    no_attributes(input, "rule", errors);
    let at = next_span(input);
    let shape = input.peek(LitStr) && !input.peek2(Token![:]);
    let Some(key) = field(input).filter(|_| !shape) else {
        let name = text(setting);
        errors.span(
            at,
            format!("`{name}` takes keys and texts"),
            format!("write `{name}: {example}`"),
        );
        skip_to_comma(input);
        return None;
    };
    if !follows(input, (&key, at), "rule", "\"…\"", errors) {
        return None;
    }
    let value = expression(input, errors).whole()?;
    if let Expr::Lit(literal) = &value
        && !matches!(literal.lit, Lit::Str(_))
    {
        let literal = literal.to_token_stream();
        let help = format!("write `{key}: \"{literal}\"`");
        errors.at(literal, "the value of a rule is text in quotes", help);
        return None;
    }
    if let Some(path) = unquoted(&value) {
        let (wrong, help) = match level::named(&path) {
            Some(level) if key == "level" => (
                "a rule compares texts, and a level is more than that",
                format!("write `level: {level}` as a setting or an option of an adapter"),
            ),
            _ => (
                "the value of a rule is text in quotes",
                format!("write `{key}: \"{path}\"`"),
            ),
        };
        errors.at(value, wrong, help);
        return None;
    }
    Some(Rule { key, value })
}

/// The text that `value` was meant to be, if it is written like a module or a level.
fn unquoted(value: &Expr) -> Option<String> {
    let Expr::Path(path) = value else {
        return None;
    };
    let written = path.to_token_stream().to_string().replace(' ', "");
    let last = text(&path.path.segments.last()?.ident);
    (last.starts_with(char::is_lowercase) || level::named(&written).is_some()).then_some(written)
}

/// `["3fa9"]`
pub(super) fn fingerprints(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let mut fingerprints = Vec::new();
    inside(&brackets(input, key, example, errors)?, |input| {
        entries(input, errors, "fingerprint", |input, errors| {
            fingerprints.extend(fingerprint(input, key, example, errors));
        });
    });
    Some(Value::Fingerprints(fingerprints))
}

/// `"3fa9"`
fn fingerprint(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Expr> {
    let value = expression(input, errors).whole()?;
    let unquoted = word(&value).filter(|word| text(word).starts_with(char::is_lowercase));
    if let Some(word) = unquoted {
        let help = format!("write `{}: [\"{word}\"]`", text(key));
        errors.at(word, "a fingerprint is text in quotes", help);
        return None;
    }
    if let Expr::Lit(literal) = &value
        && let Lit::Str(literal) = &literal.lit
        && !is_fingerprint(&literal.value())
    {
        let help = format!(
            "write `{}: {example}`, as a message shows it behind `#`",
            text(key)
        );
        errors.at(literal, "a fingerprint has four digits from 0 to f", help);
        return None;
    }
    is_literal_of(Shape::Text, &value, key, example, errors).then_some(value)
}
