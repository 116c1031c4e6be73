//! The setting `links`: names and addresses.

use syn::parse::ParseStream;
use syn::{Expr, Lit, LitStr};

use super::field_names::parse_field;
use super::{Key, parse_colon, parse_expression, parse_list};
use crate::ast::{Link, Value};
use crate::errors::Errors;
use crate::link;
use crate::parse::list::skip_to_comma;
use crate::parse::{attribute, next_span};

/// Parses `[trace: "https://grafana.example.org/explore?trace={trace_id}"]`.
pub(super) fn parse_links(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    let mut names: Vec<String> = Vec::new();
    parse_list(input, key, "link", errors, |input, errors| {
        let at = next_span(input);
        let link = parse_link(input, key, errors)?;
        if names.contains(&link.name) {
            let wrong = format!("link `{}` is declared twice", link.name);
            errors.push_at(at, wrong, "rename one of the two");
            return None;
        }
        names.push(link.name.clone());
        Some(link)
    })
    .map(Value::Links)
}

/// Parses `trace: "https://…"`
fn parse_link(input: ParseStream<'_>, key: Key<'_>, errors: &mut Errors) -> Option<Link> {
    attribute::reject_attributes(input, "link", errors);
    let at = next_span(input);
    let is_address = input.peek(LitStr) && !input.peek2(syn::Token![:]);
    let Some(name) = parse_field(input).filter(|name| !is_address && !name.trim().is_empty())
    else {
        let wrong = "a link needs a name, which the message shows";
        errors.push_at(at, wrong, key.help());
        skip_to_comma(input);
        return None;
    };
    if !parse_colon(input, (&name, at), "link", "\"https://…\"", errors) {
        return None;
    }
    let help = format!("write `{name}: \"https://…\"`");
    let value = parse_expression(input, &help, errors).complete()?;
    let Expr::Lit(literal) = &value else {
        let wrong = "a link is text in quotes, because it is parsed when the program is compiled";
        errors.push(value, wrong, help);
        return None;
    };
    let Lit::Str(literal) = &literal.lit else {
        errors.push(value, "a link is text in quotes", help);
        return None;
    };
    match link::parse(&literal.value()) {
        Ok(pieces) => Some(Link { name, pieces }),
        Err(mistakes) => {
            for mistake in mistakes {
                report_mistake(literal, mistake, errors);
            }
            None
        }
    }
}

/// Reports a mistake inside the literal, if the compiler allows that.
fn report_mistake(literal: &LitStr, mistake: link::LinkMistake, errors: &mut Errors) {
    let (value, token) = (literal.value(), literal.token());
    // Without escapes the positions in text and literal agree.
    let inside = token
        .to_string()
        .find(&value)
        .and_then(|quote| token.subspan(quote + mistake.at.start..quote + mistake.at.end));
    let span = inside.unwrap_or_else(|| literal.span());
    errors.push_at(span, mistake.wrong, mistake.help);
}
