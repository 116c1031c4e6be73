//! `fleet`: the broker, with its options in braces.

use proc_macro2::{Delimiter, Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;

use super::{
    COMPLETE_HELP, parse_colon, parse_expression, parse_option_value, parse_quoted_quantity,
};
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::{ident_text, nearest};
use crate::parse::list::{parse_entries, parse_inside, skip_to_comma, take_until_comma};
use crate::parse::{attribute, next_span, report_duplicate};
use crate::settings::{FLEET_SECRETS, Shape};

/// The broker that there is.
const REDIS: &str = "Redis";

/// Its options, and an example of each.
const OPTIONS: [(&str, Shape, &str); 5] = [
    ("name", Shape::Text, "\"shop\""),
    ("lead", Shape::Flag, "false"),
    ("alone", Shape::Flag, "false"),
    ("timeout", Shape::Duration, "\"10s\""),
    ("allow_plain", Shape::Flag, "true"),
];

/// Reads `Redis`, or `Redis { name: "shop" }`.
pub(super) fn parse_fleet(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let help = format!("write `{}: {example}`", ident_text(key));
    let ahead = input.fork();
    let is_redis = ahead
        .call(Ident::parse_any)
        .is_ok_and(|broker| ident_text(&broker) == REDIS);
    if !is_redis {
        let wrong = format!("`{}` takes `{REDIS}`, which is Valkey too", ident_text(key));
        errors.push(take_until_comma(input), wrong, help);
        return None;
    }
    input.advance_to(&ahead);
    let mut options = Some(Vec::new());
    let ahead = input.fork();
    if let Ok(TokenTree::Group(group)) = ahead.parse::<TokenTree>() {
        input.advance_to(&ahead);
        if group.delimiter() != Delimiter::Brace {
            let wrong = format!("`{REDIS}` takes its options in braces");
            errors.push_at(group.span_open(), wrong, help);
            return None;
        }
        let mut known: Vec<Ident> = Vec::new();
        parse_inside(&group, |input| {
            parse_entries(input, errors, "option", |input, errors| {
                let Some((name, value)) = parse_option(input, errors) else {
                    options = None;
                    return;
                };
                let mut before = known.iter();
                if let Some(first) = before.find(|first| ident_text(first) == ident_text(&name)) {
                    report_duplicate(&name, first, "option", errors);
                    options = None;
                } else if let Some(options) = &mut options {
                    options.push((name.clone(), value));
                }
                known.push(name);
            });
        });
    }
    options.map(Value::Fleet)
}

/// Reads `name: "shop"`.
fn parse_option(input: ParseStream<'_>, errors: &mut Errors) -> Option<(Ident, Value)> {
    attribute::reject_attributes(input, "option", errors);
    let at = next_span(input);
    let Ok(name) = input.call(Ident::parse_any) else {
        let wrong = "an option of `fleet` begins with its name";
        errors.push_at(at, wrong, "write `name: \"shop\"`");
        skip_to_comma(input);
        return None;
    };
    let written = ident_text(&name);
    if FLEET_SECRETS.contains(&written.as_str()) {
        parse_colon(input, (&written, at), "option", "…", errors).then_some(())?;
        let value = parse_expression(input, COMPLETE_HELP, errors).complete()?;
        // `check` reports it, which knows the variable.
        return Some((name, Value::Constant(value)));
    }
    let Some((_, shape, example)) = OPTIONS.iter().find(|(known, ..)| *known == written) else {
        let names = OPTIONS.map(|(known, ..)| known);
        let help = nearest(&written, names).map_or_else(
            || format!("there are `{}`", names.join("`, `")),
            |meant| format!("write `{meant}`"),
        );
        errors.push(&name, format!("`fleet` has no option `{written}`"), help);
        skip_to_comma(input);
        return None;
    };
    let value = parse_option_value(input, &name, *shape, example, errors)?;
    let value = parse_quoted_quantity(*shape, value, &name, example, errors)?;
    Some((name, value))
}
