//! The setting `remind`: growing durations, or `off`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Lit, Token};

use super::{
    Key, parse_brackets, parse_expression, parse_group, quantity, shape_check, single_ident,
};
use crate::ast::{Step, Value};
use crate::errors::Errors;
use crate::names::ident_text;
use crate::parse::list::take_until_comma;
use crate::settings::Shape;

/// The word for no reminders.
const OFF: &str = "off";

/// Words for it elsewhere.
const ALSO_OFF: [&str; 7] = ["off", "false", "none", "None", "never", "nothing", "0"];

/// Parses `["1m", "5m"]`, or `off`.
pub(super) fn parse_remind(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    if !input.peek(syn::token::Bracket) {
        let word = input.fork().call(Ident::parse_any);
        if word.is_ok_and(|word| word == OFF) && (input.peek2(Token![,]) || is_last(input)) {
            drop(input.call(Ident::parse_any));
            return Some(Value::Steps(Vec::new()));
        }
        let written = take_until_comma(input);
        let shown = written.to_string();
        let help = if ALSO_OFF.contains(&shown.trim_matches('"')) {
            format!("write `{key}: {OFF}`")
        } else if let Some(steps) = steps_in_text(&shown) {
            format!("write `{key}: [{steps}]`")
        } else {
            format!("{}, or `{key}: {OFF}`", key.help())
        };
        let wrong = format!("`{key}` takes durations in brackets, or `{OFF}`");
        errors.push(written, wrong, help);
        return None;
    }
    let group = parse_brackets(input, key, errors)?;
    if group.stream().is_empty() {
        let wrong = format!("`{key}` has no steps");
        let help = format!("write `{key}: {OFF}`, or remove it to keep the default");
        errors.push_at(group.span(), wrong, help);
        return None;
    }
    let steps = parse_group(&group, "step", errors, |input, errors| {
        Some(parse_step(input, key, errors))
    });
    // A list without its wrong entries would be checked as one that nobody wrote.
    let steps: Option<Vec<Step>> = steps.into_iter().collect();
    steps.map(Value::Steps)
}

/// Returns the steps in `"5m, 1h"`, each in quotes, if these are steps.
fn steps_in_text(written: &str) -> Option<String> {
    let inside = written.strip_prefix('"')?.strip_suffix('"')?;
    let steps = inside.split(',').map(str::trim);
    let steps = steps.map(|step| quantity::parse_duration(step).map(|_| format!("{step:?}")));
    let steps: Vec<String> = steps.collect::<Option<_>>()?;
    Some(steps.join(", "))
}

/// Returns whether one token is left.
fn is_last(input: ParseStream<'_>) -> bool {
    take_until_comma(&input.fork()).into_iter().count() == 1
}

/// Parses `"5m"`, or an expression.
fn parse_step(input: ParseStream<'_>, key: Key<'_>, errors: &mut Errors) -> Option<Step> {
    let key = Key {
        example: "[\"5m\"]",
        ..key
    };
    if shape_check::report_unquoted_quantity(input, Shape::Duration, key, errors) {
        return None;
    }
    let help = key.help();
    let value = parse_expression(input, &help, errors).complete()?;
    if let Expr::Lit(literal) = &value {
        let Lit::Str(literal) = &literal.lit else {
            let wrong = "a step is a duration in quotes, or a `Duration`";
            let written = value.to_token_stream().to_string();
            let meant = quantity::parse_duration(&written)
                .filter(|_| written.ends_with(char::is_alphabetic));
            let help = meant.map_or(help, |_| format!("write `\"{written}\"`"));
            errors.push(value, wrong, help);
            return None;
        };
        return quantity::parse_duration_literal(literal, key, errors)
            .map(|span| Step::Known(span, literal.clone()));
    }
    if single_ident(&value).is_some_and(|word| ALSO_OFF.contains(&ident_text(word).as_str())) {
        let wrong = format!("`{OFF}` goes without brackets");
        errors.push(value, wrong, format!("write `{key}: {OFF}`"));
        return None;
    }
    if matches!(value, Expr::Range(_)) {
        let wrong = "after its last step, `remind` goes on at the length of that step";
        errors.push(value, wrong, "remove it");
        return None;
    }
    shape_check::check_shape(Shape::Duration, &value, key, errors).then_some(Step::Constant(value))
}
