//! `trail`: a number of events, or its parts in braces.

use proc_macro2::{Delimiter, Ident, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Expr, Lit};

use super::{expression, follows, in_quotes, judge, level};
use crate::ast::{Trail, Value};
use crate::errors::Errors;
use crate::names::{nearest, text};
use crate::parse::list::{entries, inside, skip_to_comma};
use crate::parse::{attribute, next_span, twice};
use crate::settings::{MOST_TRAIL_EVENTS, Shape, TRAIL_BYTES};

/// The parts, and an example of each.
const PARTS: [(&str, Shape, &str); 4] = [
    (EVENTS, Shape::Count, "20"),
    ("level", Shape::Level, "DEBUG"),
    (BYTES, Shape::Size, "\"8 KiB\""),
    ("span", Shape::Text, "\"request\""),
];
const EVENTS: &str = "events";
const BYTES: &str = "bytes";

/// Reads `20`, or `{ events: 20, level: DEBUG, bytes: "8 KiB", span: "request" }`.
pub(super) fn read(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let ahead = input.fork();
    let Ok(TokenTree::Group(group)) = ahead.parse::<TokenTree>() else {
        return number(input, key, example, errors);
    };
    if group.delimiter() == Delimiter::Parenthesis {
        return number(input, key, example, errors);
    }
    input.advance_to(&ahead);
    if group.delimiter() != Delimiter::Brace {
        let wrong = format!("`{}` takes its parts in braces", text(key));
        let help = format!("write `{}: {{ events: 20, level: DEBUG }}`", text(key));
        errors.span(group.span_open(), wrong, help);
        return None;
    }
    let mut trail = Some(Trail::default());
    let mut known: Vec<Ident> = Vec::new();
    inside(&group, |input| {
        entries(input, errors, "option", |input, errors| {
            let Some((name, value)) = part(input, errors) else {
                trail = None;
                return;
            };
            if let Some(first) = known.iter().find(|first| text(first) == text(&name)) {
                twice(&name, first, "option", errors);
                trail = None;
            } else if let Some(trail) = &mut trail {
                match value {
                    Value::Constant(events) if text(&name) == EVENTS => {
                        trail.events = Some(events);
                    }
                    value => trail.parts.push((name.clone(), value)),
                }
            }
            known.push(name);
        });
    });
    trail.map(Value::Trail)
}

/// Reads the number of events alone.
fn number(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    if judge::is_quantity(input, Shape::Trail, key, example, errors) {
        return None;
    }
    let help = format!("write `{}: {example}`", text(key));
    let value = expression(input, &help, errors).whole()?;
    if !judge::fits(Shape::Trail, &value, key, example, errors) || !has_events(&value, key, errors)
    {
        return None;
    }
    Some(Value::Trail(Trail {
        events: Some(value),
        parts: Vec::new(),
    }))
}

/// Reads `level: DEBUG`
fn part(input: ParseStream<'_>, errors: &mut Errors) -> Option<(Ident, Value)> {
    attribute::none(input, "option", errors);
    let at = next_span(input);
    let Ok(name) = input.call(Ident::parse_any) else {
        errors.span(
            at,
            "a part of `trail` begins with its name",
            "write `events: 20`",
        );
        skip_to_comma(input);
        return None;
    };
    let written = text(&name);
    let Some((_, shape, example)) = PARTS.iter().find(|(known, ..)| *known == written) else {
        let names = PARTS.map(|(known, ..)| known);
        let help = nearest(&written, names).map_or_else(
            || format!("there are `{}`", names.join("`, `")),
            |meant| format!("write `{meant}`"),
        );
        errors.at(&name, format!("`trail` has no `{written}`"), help);
        skip_to_comma(input);
        return None;
    };
    if !follows(input, (&written, name.span()), "option", example, errors)
        || judge::is_quantity(input, *shape, &name, example, errors)
    {
        return None;
    }
    let help = format!("write `{written}: {example}`");
    let value = expression(input, &help, errors).whole()?;
    if !judge::fits(*shape, &value, &name, example, errors) {
        return None;
    }
    let value = match shape {
        Shape::Level => level::read(value, &name, errors)?,
        Shape::Count => {
            has_events(&value, &name, errors).then_some(())?;
            Value::Constant(value)
        }
        shape => in_quotes(*shape, value, &name, example, errors)?,
    };
    is_sensible(&value, &name, errors).then_some((name, value))
}

/// Tells whether a number that is known here is one of events; a constant assertion judges others.
fn has_events(value: &Expr, key: &Ident, errors: &mut Errors) -> bool {
    let count = Value::Constant(value.clone()).count();
    let wrong = match count {
        Some(0) => format!("a `{}` of zero keeps nothing", text(key)),
        Some(count) if count > MOST_TRAIL_EVENTS => {
            format!("a trail has at most {MOST_TRAIL_EVENTS} events")
        }
        _ => return true,
    };
    let help = match count {
        Some(0) if text(key) != EVENTS => format!("write `{}: 20`, or remove it", text(key)),
        _ => format!("write `{}: 20`", text(key)),
    };
    errors.at(value, wrong, help);
    false
}

/// Tells the same of level, bytes and span.
fn is_sensible(value: &Value, name: &Ident, errors: &mut Errors) -> bool {
    match value {
        Value::Level(level) if text(level) == "OFF" => {
            let help = "remove `trail`, or write `level: INFO`";
            errors.at(level, "a trail of no level keeps nothing", help);
            false
        }
        value
            if text(name) == BYTES
                && value
                    .count()
                    .is_some_and(|bytes| !TRAIL_BYTES.contains(&bytes)) =>
        {
            let written = match value {
                Value::Constant(value) => value.to_token_stream(),
                Value::Size(_, literal) => literal.to_token_stream(),
                _ => name.to_token_stream(),
            };
            let help = "write `bytes: \"8 KiB\"`";
            errors.at(written, "a trail takes from 1 KiB to 64 KiB", help);
            false
        }
        Value::Constant(Expr::Lit(literal)) if matches!(&literal.lit, Lit::Str(text) if text.value().trim().is_empty()) =>
        {
            let help = "write the name of the span, or remove it for the outermost one";
            errors.at(literal, "no span has this name", help);
            false
        }
        _ => true,
    }
}
