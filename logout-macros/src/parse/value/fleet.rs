//! The setting `fleet`: the broker, with its options in braces.

use proc_macro2::{Delimiter, Ident, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Expr, Token, TypePath};

use super::{
    COMPLETE_HELP, Key, parse_colon, parse_expression, parse_option_value, parse_parts,
    parse_quoted_quantity, suggest_part,
};
use crate::ast::{ParsedFleet, ParsedOption, Value};
use crate::errors::Errors;
use crate::names::ident_text;
use crate::parse::list::{skip_to_comma, take_until_comma};
use crate::parse::{attribute, next_span};
use crate::settings::{FLEET_ADDRESS, FLEET_SECRETS, Shape};

/// The brokers that come with the library, whose options are known here.
const BUILT_IN: [&str; 2] = ["Redis", "Memory"];

/// The options that every fleet has, each with an example.
const OPTIONS: [(&str, Shape, &str); 5] = [
    ("name", Shape::Text, "\"shop\""),
    ("lead", Shape::Flag, "false"),
    ("alone", Shape::Flag, "false"),
    ("timeout", Shape::Duration, "\"10s\""),
    ("allow_plain", Shape::Flag, "true"),
];

/// An option in the braces.
enum FleetOption {
    OfFleet(Value),
    /// The colon behind its name, and its value.
    OfBroker(Span, Option<Expr>),
}

/// Parses `Redis`, or `crate::Nats { name: "shop", bucket: "alerts" }`.
pub(super) fn parse_fleet(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    let help = key.help();
    let Some(broker) = parse_broker(input) else {
        let wrong =
            format!("`{key}` takes `Redis`, which is Valkey too, or the type of another broker");
        errors.push(take_until_comma(input), wrong, help);
        return None;
    };
    let mut fleet = ParsedFleet {
        broker,
        settings: Vec::new(),
        options: Vec::new(),
    };
    let ahead = input.fork();
    if let Ok(TokenTree::Group(group)) = ahead.parse::<TokenTree>() {
        input.advance_to(&ahead);
        if group.delimiter() != Delimiter::Brace {
            let wrong = "a broker takes its options in braces";
            errors.push_at(group.span_open(), wrong, help);
            return None;
        }
        let built_in = built_in(&fleet);
        let read =
            |input: ParseStream<'_>, errors: &mut Errors| parse_option(input, built_in, errors);
        for (key, option) in parse_parts(&group, errors, read)? {
            match option {
                FleetOption::OfFleet(value) => fleet.settings.push((key, value)),
                FleetOption::OfBroker(colon, value) => {
                    fleet.options.push(ParsedOption { key, colon, value });
                }
            }
        }
    }
    Some(Value::Fleet(fleet))
}

/// Parses the type of a broker; `None` if there is none.
fn parse_broker(input: ParseStream<'_>) -> Option<TypePath> {
    // Parentheses would be parsed as those of `Fn(…)`.
    let ahead = input.fork();
    let word = ahead.call(Ident::parse_any).ok();
    if let Some(word) = word
        && !ahead.peek(Token![::])
        && !ahead.peek(Token![<])
    {
        let is_type = ident_text(&word).starts_with(char::is_uppercase);
        return is_type.then(|| {
            input.advance_to(&ahead);
            TypePath {
                attrs: Vec::new(),
                qself: None,
                path: word.into(),
            }
        });
    }
    let ahead = input.fork();
    let path = ahead.parse().ok()?;
    input.advance_to(&ahead);
    Some(path)
}

/// Returns the name of a broker that comes with the library, whose options are known here.
fn built_in(fleet: &ParsedFleet) -> Option<&'static str> {
    let last = fleet.broker.path.segments.last()?;
    let is_plain = fleet.is_bare() && last.arguments.is_empty();
    let mut built_in = BUILT_IN.into_iter().filter(|_| is_plain);
    built_in.find(|built_in| last.ident == built_in)
}

/// Parses `name: "shop"`.
fn parse_option(
    input: ParseStream<'_>,
    built_in: Option<&str>,
    errors: &mut Errors,
) -> Option<(Ident, FleetOption)> {
    attribute::reject_attributes(input, "option", errors);
    let at = next_span(input);
    let Ok(name) = input.call(Ident::parse_any) else {
        let wrong = "an option of `fleet` begins with its name";
        errors.push_at(at, wrong, "write `name: \"shop\"`");
        skip_to_comma(input);
        return None;
    };
    let written = ident_text(&name);
    let mut of_address = FLEET_SECRETS.iter().chain(FLEET_ADDRESS);
    if built_in == Some("Redis") && of_address.any(|known| *known == written) {
        parse_colon(input, (&written, at), "option", "…", errors).then_some(())?;
        let value = parse_expression(input, COMPLETE_HELP, errors).complete()?;
        // `check`, which knows the variable, reports it.
        return Some((name, FleetOption::OfFleet(Value::Constant(value))));
    }
    if let Some((_, shape, example)) = OPTIONS.iter().find(|(known, ..)| *known == written) {
        let ident = &name;
        let key = Key { ident, example };
        let value = parse_option_value(input, key, *shape, errors)?;
        let value = parse_quoted_quantity(*shape, value, key, errors)?;
        return Some((name, FleetOption::OfFleet(value)));
    }
    if built_in.is_none() {
        let colon = next_span(input);
        let valued = parse_colon(input, (&written, name.span()), "option", "…", errors);
        let value = valued.then(|| parse_expression(input, COMPLETE_HELP, errors));
        let value = value.and_then(super::ParsedExpr::complete_or_partial);
        return Some((name, FleetOption::OfBroker(colon, value)));
    }
    let help = suggest_part(&written, &OPTIONS.map(|(known, ..)| known));
    errors.push(&name, format!("`fleet` has no option `{written}`"), help);
    skip_to_comma(input);
    None
}
