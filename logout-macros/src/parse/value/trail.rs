//! The setting `trail`: a number of events, or its parts in braces.

use proc_macro2::{Delimiter, Ident, TokenTree};
use syn::Expr;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;

use super::{
    Key, level, parse_expression, parse_option_value, parse_parts, parse_quoted_quantity,
    shape_check, suggest_part,
};
use crate::ast::{Trail, Value};
use crate::errors::Errors;
use crate::names::ident_text;
use crate::parse::list::skip_to_comma;
use crate::parse::{attribute, next_span};
use crate::settings::{MOST_TRAIL_EVENTS, Shape, TRAIL_BYTES};

/// The parts, each with an example.
const PARTS: [(&str, Shape, &str); 4] = [
    (EVENTS, Shape::Count, "20"),
    ("level", Shape::Level, "DEBUG"),
    (BYTES, Shape::Size, "\"8 KiB\""),
    ("span", Shape::Text, "\"request\""),
];
const EVENTS: &str = "events";
const BYTES: &str = "bytes";

/// Parses `20`, or `{ events: 20, level: DEBUG, bytes: "8 KiB", span: "request" }`.
pub(super) fn parse_trail(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    let ahead = input.fork();
    let Ok(TokenTree::Group(group)) = ahead.parse::<TokenTree>() else {
        return parse_number(input, key, errors);
    };
    if group.delimiter() == Delimiter::Parenthesis {
        return parse_number(input, key, errors);
    }
    input.advance_to(&ahead);
    if group.delimiter() != Delimiter::Brace {
        let wrong = format!("`{key}` takes its parts in braces");
        let help = format!("write `{key}: {{ events: 20, level: DEBUG }}`");
        errors.push_at(group.span_open(), wrong, help);
        return None;
    }
    let mut trail = Trail::default();
    for (name, value) in parse_parts(&group, errors, parse_part)? {
        match value {
            Value::Constant(events) if ident_text(&name) == EVENTS => trail.events = Some(events),
            value => trail.parts.push((name, value)),
        }
    }
    Some(Value::Trail(trail))
}

/// Parses the number of events alone.
fn parse_number(input: ParseStream<'_>, key: Key<'_>, errors: &mut Errors) -> Option<Value> {
    if shape_check::report_unquoted_quantity(input, Shape::Trail, key, errors) {
        return None;
    }
    let help = key.help();
    let value = parse_expression(input, &help, errors).complete()?;
    if !shape_check::check_shape(Shape::Trail, &value, key, errors)
        || !check_events(&value, key.ident, errors)
    {
        return None;
    }
    Some(Value::Trail(Trail {
        events: Some(value),
        parts: Vec::new(),
    }))
}

/// Parses `level: DEBUG`
fn parse_part(input: ParseStream<'_>, errors: &mut Errors) -> Option<(Ident, Value)> {
    attribute::reject_attributes(input, "option", errors);
    let at = next_span(input);
    let Ok(name) = input.call(Ident::parse_any) else {
        errors.push_at(
            at,
            "a part of `trail` begins with its name",
            "write `events: 20`",
        );
        skip_to_comma(input);
        return None;
    };
    let written = ident_text(&name);
    let Some((_, shape, example)) = PARTS.iter().find(|(known, ..)| *known == written) else {
        let names = PARTS.map(|(known, ..)| known);
        let help = suggest_part(&written, &names);
        errors.push(&name, format!("`trail` has no `{written}`"), help);
        skip_to_comma(input);
        return None;
    };
    let ident = &name;
    let key = Key { ident, example };
    let value = parse_option_value(input, key, *shape, errors)?;
    let value = match shape {
        Shape::Level => level::from_expr(value, key, errors)?,
        Shape::Count => {
            check_events(&value, &name, errors).then_some(())?;
            Value::Constant(value)
        }
        shape => parse_quoted_quantity(*shape, value, key, errors)?,
    };
    check_part(&value, &name, errors).then_some((name, value))
}

/// Returns whether a literal number of events is valid; a constant assertion checks others.
fn check_events(value: &Expr, key: &Ident, errors: &mut Errors) -> bool {
    let count = Value::Constant(value.clone()).as_integer();
    let wrong = match count {
        Some(0) => format!("a `{}` of zero keeps nothing", ident_text(key)),
        Some(count) if count > MOST_TRAIL_EVENTS => {
            format!("a trail has at most {MOST_TRAIL_EVENTS} events")
        }
        _ => return true,
    };
    let help = match count {
        Some(0) if ident_text(key) != EVENTS => {
            format!("write `{}: 20`, or remove it", ident_text(key))
        }
        Some(0) => format!("write `{EVENTS}: 20`"),
        _ => format!("write `{}: {MOST_TRAIL_EVENTS}`", ident_text(key)),
    };
    errors.push(value, wrong, help);
    false
}

/// Returns whether a literal level, size or span is valid; constant assertions check others.
fn check_part(value: &Value, name: &Ident, errors: &mut Errors) -> bool {
    match value {
        Value::Level(level) if ident_text(level) == "OFF" => {
            let help = "remove `trail`, or write `level: INFO`";
            errors.push(level, "a trail at level OFF keeps nothing", help);
            false
        }
        value
            if ident_text(name) == BYTES
                && value
                    .as_integer()
                    .is_some_and(|bytes| !TRAIL_BYTES.contains(&bytes)) =>
        {
            let help = "write `bytes: \"8 KiB\"`";
            errors.push(value.written(), "a trail takes from 1 KiB to 64 KiB", help);
            false
        }
        value
            if value
                .literal_text()
                .is_some_and(|text| text.value().trim().is_empty()) =>
        {
            let help = "write the name of the span, or remove it to use the outermost span";
            errors.push(value.written(), "a span cannot have an empty name", help);
            false
        }
        _ => true,
    }
}
