//! `scrub`, which lists what is taken out of every text.

use proc_macro2::Ident;
use strsim::osa_distance;
use syn::Expr;
use syn::parse::ParseStream;

use super::{parse_expression, parse_list, single_ident};
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::ident_text;
use crate::settings::SCRUB_DEFAULT;

/// Reads `[default, crate::plates]`.
pub(super) fn parse_scrub(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let help = format!("write `{}: {example}`", ident_text(key));
    parse_list(input, key, example, "scrubber", errors, |input, errors| {
        let value = parse_expression(input, &help, errors).complete()?;
        check_scrubber(value, errors)
    })
    .map(Value::Scrubbers)
}

/// Tells the default list, which is nothing here, from a function of the program.
fn check_scrubber(value: Expr, errors: &mut Errors) -> Option<Option<Expr>> {
    let Some(name) = single_ident(&value) else {
        if matches!(value, Expr::Path(_)) {
            return Some(Some(value));
        }
        let wrong = format!("a scrubber is `{SCRUB_DEFAULT}` or the path of a function");
        let help = "name a `fn(&str) -> Cow<'_, str>`, such as `crate::plates`";
        errors.push(value, wrong, help);
        return None;
    };
    let written = ident_text(name);
    if written == SCRUB_DEFAULT {
        return Some(None);
    }
    if osa_distance(&written.to_lowercase(), SCRUB_DEFAULT) <= 2 {
        let wrong = format!("there is no scrubber `{written}`");
        let help = format!("write `{SCRUB_DEFAULT}`, or the path of a function");
        errors.push(name, wrong, help);
        return None;
    }
    Some(Some(value))
}
