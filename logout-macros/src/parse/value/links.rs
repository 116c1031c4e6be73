//! `links`: names and addresses.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Expr, Lit, LitStr};

use super::lists::field;
use super::{brackets, expression, follows};
use crate::ast::{Link, Value};
use crate::errors::Errors;
use crate::link;
use crate::names::text;
use crate::parse::list::{entries, inside, skip_to_comma};
use crate::parse::{attribute, next_span};

/// Reads `[trace: "https://grafana.example.org/explore?trace={trace_id}"]`.
pub(super) fn read(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let mut links: Vec<Link> = Vec::new();
    inside(&brackets(input, key, example, errors)?, |input| {
        entries(input, errors, "link", |input, errors| {
            let at = next_span(input);
            let Some(link) = one(input, key, example, errors) else {
                return;
            };
            if links.iter().any(|other| other.name == link.name) {
                let wrong = format!("link `{}` is given twice", link.name);
                errors.span(at, wrong, "rename one of the two");
            } else {
                links.push(link);
            }
        });
    });
    Some(Value::Links(links))
}

/// Reads `trace: "https://…"`
fn one(input: ParseStream<'_>, key: &Ident, example: &str, errors: &mut Errors) -> Option<Link> {
    attribute::none(input, "link", errors);
    let at = next_span(input);
    let is_address = input.peek(LitStr) && !input.peek2(syn::Token![:]);
    let Some(name) = field(input).filter(|name| !is_address && !name.trim().is_empty()) else {
        let wrong = "a link has a name, by which people see it in the message";
        errors.span(at, wrong, format!("write `{}: {example}`", text(key)));
        skip_to_comma(input);
        return None;
    };
    if !follows(input, (&name, at), "link", "\"https://…\"", errors) {
        return None;
    }
    let help = format!("write `{name}: \"https://…\"`");
    let value = expression(input, &help, errors).whole()?;
    let Expr::Lit(literal) = &value else {
        let wrong = "a link is text in quotes, because it is read when the program is compiled";
        errors.at(value, wrong, help);
        return None;
    };
    let Lit::Str(literal) = &literal.lit else {
        errors.at(value, "a link is text in quotes", help);
        return None;
    };
    match link::parse(&literal.value()) {
        Ok(pieces) => Some(Link { name, pieces }),
        Err(mistakes) => {
            for mistake in mistakes {
                report(literal, mistake, errors);
            }
            None
        }
    }
}

/// Reports a mistake inside of the literal where the compiler allows that.
fn report(literal: &LitStr, mistake: link::Mistake, errors: &mut Errors) {
    let (value, token) = (literal.value(), literal.token());
    // Without escapes the text stands in its quotes as it is.
    let inside = token
        .to_string()
        .find(&value)
        .and_then(|quote| token.subspan(quote + mistake.at.start..quote + mistake.at.end));
    let span = inside.unwrap_or_else(|| literal.span());
    errors.span(span, mistake.wrong, mistake.help);
}
