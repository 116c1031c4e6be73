//! The setting `scrub`: what is removed from every text.

use quote::ToTokens;
use strsim::osa_distance;
use syn::parse::ParseStream;
use syn::{Expr, Lit};

use super::shape_check::Mistake;
use super::{Key, parse_expression, parse_list, single_ident};
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::{ident_text, is_identifier};
use crate::settings::{MASK, SCRUB_DEFAULT};

const FUNCTION_HELP: &str = "name a `fn(&str) -> Cow<'_, str>`, such as `crate::plates`";

/// Parses `[default, crate::plates]`.
pub(super) fn parse_scrub(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    let help = key.help();
    parse_list(input, key, "scrubber", errors, |input, errors| {
        let value = parse_expression(input, &help, errors).complete()?;
        check_scrubber(value, errors)
    })
    .map(Value::Scrubbers)
}

/// Returns what is wrong with a scrubber that is not a path, and what to write.
fn scrubber_mistake(value: &Expr) -> Mistake {
    let wrong = format!("a scrubber is `{SCRUB_DEFAULT}` or the path of a function");
    match value {
        Expr::Call(call) if call.args.is_empty() && matches!(*call.func, Expr::Path(_)) => {
            let function = call.func.to_token_stream().to_string().replace(' ', "");
            let wrong = "the function is named here and not called".to_owned();
            (wrong, format!("write `{function}`"))
        }
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(name) if name.value() == SCRUB_DEFAULT => {
                (wrong, format!("write `{SCRUB_DEFAULT}`"))
            }
            Lit::Str(name) if is_identifier(&name.value()) => {
                let name = name.value();
                let help = format!("write `{MASK}: [{name}]` to hide the values of that name");
                (wrong, help)
            }
            _ => (wrong, FUNCTION_HELP.to_owned()),
        },
        _ => (wrong, FUNCTION_HELP.to_owned()),
    }
}

/// Returns the function of a scrubber, or an inner `None` for `default`.
fn check_scrubber(value: Expr, errors: &mut Errors) -> Option<Option<Expr>> {
    let Some(name) = single_ident(&value) else {
        if matches!(value, Expr::Path(_)) {
            return Some(Some(value));
        }
        let (wrong, help) = scrubber_mistake(&value);
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
