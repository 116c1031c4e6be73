//! The setting `fleet`: the broker, with its options in braces.

use proc_macro2::{Delimiter, Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Token, TypePath};

use super::{
    COMPLETE_HELP, parse_colon, parse_expression, parse_option_value, parse_quoted_quantity,
};
use crate::ast::{AdapterOption, Fleet, Value};
use crate::errors::Errors;
use crate::names::{ident_text, nearest};
use crate::parse::list::{parse_entries, parse_inside, skip_to_comma, take_until_comma};
use crate::parse::{attribute, next_span, report_duplicate};
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
    OfFleet(Ident, Value),
    OfBroker(AdapterOption),
}

/// Parses `Redis`, or `crate::Nats { name: "shop", bucket: "alerts" }`.
pub(super) fn parse_fleet(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let help = format!("write `{}: {example}`", ident_text(key));
    let Some(broker) = parse_broker(input) else {
        let wrong = format!(
            "`{}` takes `Redis`, which is Valkey too, or the type of another broker",
            ident_text(key)
        );
        errors.push(take_until_comma(input), wrong, help);
        return None;
    };
    let mut fleet = Some(Fleet {
        broker,
        settings: Vec::new(),
        options: Vec::new(),
    });
    let ahead = input.fork();
    if let Ok(TokenTree::Group(group)) = ahead.parse::<TokenTree>() {
        input.advance_to(&ahead);
        if group.delimiter() != Delimiter::Brace {
            let wrong = "a broker takes its options in braces";
            errors.push_at(group.span_open(), wrong, help);
            return None;
        }
        let built_in = fleet.as_ref().and_then(built_in);
        let mut known: Vec<Ident> = Vec::new();
        parse_inside(&group, |input| {
            parse_entries(input, errors, "option", |input, errors| {
                let Some(option) = parse_option(input, built_in, errors) else {
                    fleet = None;
                    return;
                };
                let name = option.name().clone();
                let mut before = known.iter();
                if let Some(first) = before.find(|first| ident_text(first) == ident_text(&name)) {
                    report_duplicate(&name, first, "option", errors);
                    fleet = None;
                } else if let Some(fleet) = &mut fleet {
                    match option {
                        FleetOption::OfFleet(name, value) => fleet.settings.push((name, value)),
                        FleetOption::OfBroker(option) => fleet.options.push(option),
                    }
                }
                known.push(name);
            });
        });
    }
    fleet.map(Value::Fleet)
}

impl FleetOption {
    fn name(&self) -> &Ident {
        match self {
            Self::OfFleet(name, _) => name,
            Self::OfBroker(option) => &option.key,
        }
    }
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
fn built_in(fleet: &Fleet) -> Option<&'static str> {
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
) -> Option<FleetOption> {
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
        return Some(FleetOption::OfFleet(name, Value::Constant(value)));
    }
    if let Some((_, shape, example)) = OPTIONS.iter().find(|(known, ..)| *known == written) {
        let value = parse_option_value(input, &name, *shape, example, errors)?;
        let value = parse_quoted_quantity(*shape, value, &name, example, errors)?;
        return Some(FleetOption::OfFleet(name, value));
    }
    if built_in.is_none() {
        let colon = next_span(input);
        let valued = parse_colon(input, (&written, name.span()), "option", "…", errors);
        let value = valued.then(|| parse_expression(input, COMPLETE_HELP, errors));
        let value = value.and_then(super::ParsedExpr::complete_or_partial);
        return Some(FleetOption::OfBroker(AdapterOption {
            key: name,
            colon,
            value,
        }));
    }
    let names = OPTIONS.map(|(known, ..)| known);
    let help = nearest(&written, names).map_or_else(
        || format!("there are `{}`", names.join("`, `")),
        |meant| format!("write `{meant}`"),
    );
    errors.push(&name, format!("`fleet` has no option `{written}`"), help);
    skip_to_comma(input);
    None
}
