//! Lists of fields.

use proc_macro2::{Group, Ident, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitStr, Token};

use super::{Key, NONE_WORDS, atom, parse_expression, parse_list, single_ident};
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::ident_text;
use crate::parse::list::{skip_to_comma, take_until_comma};
use crate::parse::next_span;

/// Words for `all` elsewhere.
const ALL: [&str; 5] = ["All", "ALL", "any", "every", "everything"];

/// Parses `all`, or `[order, http.status]`
pub(super) fn parse_metadata(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    let wrong = format!("`{key}` takes `all` or a list of fields");
    let is_list = input.peek(syn::token::Bracket);
    let list = input.fork().parse::<Group>().ok().filter(|_| is_list);
    if input.peek(Token![*]) || list.is_some_and(|list| list.stream().to_string() == "*") {
        let help = format!("write `{key}: all`");
        errors.push(take_until_comma(input), wrong, help);
        return None;
    }
    if !is_list {
        let value = parse_expression(input, &key.help(), errors).complete()?;
        let written = value.to_token_stream().to_string();
        let meant = match written.trim_matches('"') {
            "all" if single_ident(&value).is_some() => return Some(Value::All),
            "all" | "true" | "*" => "all",
            "false" => "[]",
            other if ALL.contains(&other) => "all",
            other if NONE_WORDS.contains(&other) => "[]",
            _ => key.example,
        };
        errors.push(value, wrong, format!("write `{key}: {meant}`"));
        return None;
    }
    let at = next_span(input);
    let fields = parse_fields(input, key, errors)?;
    if matches!(fields.as_slice(), [only] if only == "all") {
        let wrong = "`all` goes without brackets";
        errors.push_at(at, wrong, format!("write `{key}: all`"));
        return None;
    }
    Some(Value::Fields(fields))
}

/// Parses `[order, http.status]`
fn parse_fields(input: ParseStream<'_>, key: Key<'_>, errors: &mut Errors) -> Option<Vec<String>> {
    parse_list(input, key, "field", errors, |input, errors| {
        parse_field_alone(input, key, errors)
    })
}

/// Parses a field; reports anything else, and anything after it.
pub(super) fn parse_field_alone(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<String> {
    if atom::reject_atom_for_field(input, errors) || reject_sign(input, errors) {
        return None;
    }
    let field = parse_field(input);
    match &field {
        Some(field) => reject_field_value(input, field, errors),
        None => {
            let help = key.help();
            errors.push_at(next_span(input), "expected the name of a field", help);
            skip_to_comma(input);
        }
    }
    field
}

/// Reports `%order` and `-password`; returns whether it did.
fn reject_sign(input: ParseStream<'_>, errors: &mut Errors) -> bool {
    let at = next_span(input);
    let ahead = input.fork();
    let Ok(TokenTree::Punct(sign)) = ahead.parse::<TokenTree>() else {
        return false;
    };
    let Some(field) = parse_field(&ahead).filter(|_| "%?-!&@$".contains(sign.as_char())) else {
        return false;
    };
    let (wrong, help) = match sign.as_char() {
        '-' | '!' => (
            "this list names the fields that are shown",
            format!("remove it, and write `mask: [{field}]` to hide the values of `{field}`"),
        ),
        _ => (
            "a field is named without a sign",
            format!("write `{field}`"),
        ),
    };
    errors.push_at(at, wrong, help);
    skip_to_comma(input);
    true
}

/// Reports tokens after a field.
fn reject_field_value(input: ParseStream<'_>, field: &str, errors: &mut Errors) {
    let (wrong, help) = if input.peek(Token![::]) {
        (
            "the parts of a field's name are separated by `.`",
            format!("write `{field}.…`"),
        )
    } else if input.peek(Token![:]) || input.peek(Token![=]) {
        (
            "a field is named without a value",
            format!("write `{field}`"),
        )
    } else if input.peek(Token![as]) {
        (
            "a field is shown by its own name",
            format!("write `{field}`"),
        )
    } else if input.peek(Token![-]) {
        let rest = take_until_comma(&input.fork()).to_string().replace(' ', "");
        (
            "a field name that is not a Rust name needs quotes",
            format!("write `\"{field}{rest}\"`"),
        )
    } else {
        return;
    };
    errors.push_at(next_span(input), wrong, help);
    skip_to_comma(input);
}

/// Parses `order`, `http.status` or `"http.status"`
pub(super) fn parse_field(input: ParseStream<'_>) -> Option<String> {
    if input.peek(LitStr) {
        return input.parse().ok().map(|name: LitStr| name.value());
    }
    let mut name = ident_text(&input.call(Ident::parse_any).ok()?);
    while input.parse::<Token![.]>().is_ok() {
        name.push('.');
        name.push_str(&ident_text(&input.call(Ident::parse_any).ok()?));
    }
    Some(name)
}
