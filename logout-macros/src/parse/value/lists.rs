//! The lists among the values, and what stands in them.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Lit, LitStr, Token};

use super::{brackets, expression, follows, is_literal_of, word};
use crate::ast::{Rule, Value};
use crate::errors::Errors;
use crate::names::text;
use crate::parse::list::{entries, inside, skip_to_comma};
use crate::parse::{next_span, no_attributes};
use crate::settings::Shape;

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
        let wrong = format!("`{name}` takes `all` or a list of fields");
        errors.at(value, wrong, format!("write `{name}: {example}`"));
        return None;
    }
    let mut fields = Vec::new();
    inside(&brackets(input, key, example, errors)?, |input| {
        entries(input, errors, "field", |input, errors| match field(input) {
            Some(field) => fields.push(field),
            None => {
                let help = format!("write `{name}: {example}`");
                errors.span(next_span(input), "expected the name of a field", help);
                skip_to_comma(input);
            }
        });
    });
    Some(Value::Fields(fields))
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
    Some(Rule { key, value })
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
    is_literal_of(Shape::Text, &value, key, example, errors).then_some(value)
}
