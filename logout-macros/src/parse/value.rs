//! The values of settings and options.

mod format;
mod level;
mod lists;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Expr, ExprPath, Lit, Token, UnOp};

use super::list::{skip_to_comma, to_comma};
use super::{next_span, skip_one};
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::text;
use crate::settings::{Setting, Shape};

/// Reads the colon after the key `name` at `span`, or what was written for it; tells whether a value follows.
pub(super) fn follows(
    input: ParseStream<'_>,
    (name, span): (&str, Span),
    kind: &str,
    example: &str,
    errors: &mut Errors,
) -> bool {
    let help = format!("write `{name}: {example}`");
    let at = next_span(input);
    if input.peek(Token![=]) {
        skip_sign(input);
        errors.span(at, format!("{kind}s are written with `:`"), &help);
    } else if input.peek(Token![:]) && !input.peek(Token![::]) {
        skip_sign(input);
        if input.peek(Token![=]) {
            skip_sign(input);
            errors.span(at, format!("{kind}s are written with `:`"), &help);
        }
    } else if !ends(input) {
        errors.span(at, format!("expected `:` after `{name}`"), &help);
        let starts_value = input.peek(Lit) || input.peek(syn::token::Bracket);
        if !starts_value {
            skip_to_comma(input);
        }
        return starts_value;
    }
    if ends(input) {
        errors.span(span, format!("{kind} `{name}` needs a value"), help);
        return false;
    }
    true
}

/// Passes over `:`, `=`, `==` or `=>`.
pub(super) fn skip_sign(input: ParseStream<'_>) {
    if input.parse::<Token![=>]>().is_err() && input.parse::<Token![==]>().is_err() {
        skip_one(input);
    }
}

fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,]) || input.peek(Token![;])
}

/// The value of a setting; nothing after a mistake, which is reported.
pub(super) fn of(
    input: ParseStream<'_>,
    key: &Ident,
    setting: &Setting,
    errors: &mut Errors,
) -> Option<Value> {
    match setting.shape {
        Shape::Rules => lists::rules(input, key, setting.example, errors),
        Shape::Fingerprints => lists::fingerprints(input, key, setting.example, errors),
        Shape::Fields => lists::fields(input, key, setting.example, errors).map(Value::Names),
        Shape::Metadata => lists::metadata(input, key, setting.example, errors),
        _ => {
            let value = expression(input, errors).whole()?;
            if !is_literal_of(setting.shape, &value, key, setting.example, errors) {
                return None;
            }
            if !is_expression_of(setting.shape, &value, key, errors) {
                return None;
            }
            match setting.shape {
                Shape::Level => level::read(value, key, errors),
                Shape::Format => Some(format::read(value, errors)),
                Shape::Limit if word(&value).is_some_and(|word| word == "infinity") => {
                    Some(Value::Infinity)
                }
                _ => Some(Value::Constant(value)),
            }
        }
    }
}

/// An expression as it was found.
pub(super) enum Written {
    /// Complete.
    Whole(Expr),
    /// What can be kept of a half-typed one, which has been reported.
    Half(Option<Expr>),
}

impl Written {
    pub(super) fn whole(self) -> Option<Expr> {
        match self {
            Self::Whole(value) => Some(value),
            Self::Half(_) => None,
        }
    }

    pub(super) fn whole_or_half(self) -> Option<Expr> {
        match self {
            Self::Whole(value) => Some(value),
            Self::Half(value) => value,
        }
    }
}

/// Reads an expression, or up to the comma.
pub(super) fn expression(input: ParseStream<'_>, errors: &mut Errors) -> Written {
    let ahead = input.fork();
    if let Ok(value) = ahead.parse::<Expr>() {
        input.advance_to(&ahead);
        return Written::Whole(value);
    }
    let tokens = to_comma(input);
    let help = "complete it, or remove the entry up to its comma";
    errors.at(&tokens, "this is not a whole expression", help);
    // Keeps `receiver` of a half-typed `receiver.`, for the editor.
    let mut typed: Vec<TokenTree> = tokens.into_iter().collect();
    while typed
        .pop_if(|token| matches!(token, TokenTree::Punct(_)))
        .is_some()
    {}
    Written::Half(syn::parse2(typed.into_iter().collect::<TokenStream>()).ok())
}

/// `[…]`, or what was written for it.
pub(super) fn brackets(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Group> {
    let help = format!("write `{}: {example}`", text(key));
    let wrong = format!("`{}` takes a list in brackets", text(key));
    let ahead = input.fork();
    match ahead.parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => {
            input.advance_to(&ahead);
            if group.delimiter() != Delimiter::Bracket {
                errors.span(group.span_open(), wrong, help);
            }
            Some(group)
        }
        _ => {
            errors.at(to_comma(input), wrong, help);
            None
        }
    }
}

/// Whether `value` is not a literal of the wrong type; reports it if it is.
fn is_literal_of(
    shape: Shape,
    value: &Expr,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> bool {
    let Expr::Lit(literal) = value else {
        return true;
    };
    if let (Shape::Count | Shape::Limit, Lit::Int(number)) = (shape, &literal.lit)
        && number.base10_parse::<u64>().is_err()
    {
        let help = format!("write `{}: {example}`", text(key));
        errors.at(value, "this number is too large to be counted to", help);
        return false;
    }
    let (fits, takes) = match (shape, &literal.lit) {
        (Shape::Level, Lit::Str(text)) => {
            let level = level::named(&text.value()).unwrap_or("WARN");
            let help = format!("write `{}: {level}`", self::text(key));
            errors.at(text, "a level is written without quotes", help);
            return false;
        }
        (Shape::Level, _) => (false, "the name of a level"),
        (Shape::Text, lit) => (matches!(lit, Lit::Str(_)), "text in quotes"),
        (Shape::Count, lit) => (matches!(lit, Lit::Int(_)), "a whole number"),
        (Shape::Limit, lit) => (matches!(lit, Lit::Int(_)), "a whole number or `infinity`"),
        (Shape::Flag, lit) => (matches!(lit, Lit::Bool(_)), "`true` or `false`"),
        (Shape::Format, lit) => (
            matches!(lit, Lit::Str(_)),
            "a template in quotes or a function",
        ),
        (Shape::Duration, _) => (false, "a `Duration`"),
        _ => return true,
    };
    if !fits {
        let name = text(key);
        errors.at(
            value,
            format!("`{name}` takes {takes}"),
            format!("write `{name}: {example}`"),
        );
    }
    fits
}

/// Whether `value` is no expression of which rustc would only say that its type is wrong, and not
/// what to write instead; reports it if it is.
fn is_expression_of(shape: Shape, value: &Expr, key: &Ident, errors: &mut Errors) -> bool {
    let name = text(key);
    let (wrong, help) = match (shape, value) {
        (Shape::Level, Expr::Array(_) | Expr::Tuple(_) | Expr::Binary(_) | Expr::Range(_)) => (
            "a level is a single name, and what is above it is sent too".to_owned(),
            format!("write `{name}: WARN`"),
        ),
        (Shape::Flag, Expr::Path(_)) => match truth(value) {
            Some(truth) => (
                format!("`{name}` takes `true` or `false`"),
                format!("write `{name}: {truth}`"),
            ),
            None => return true,
        },
        (Shape::Format, Expr::Macro(_)) => (
            "a template is text in quotes, because it is read when the program is compiled"
                .to_owned(),
            format!("write `{name}: \"$level $message\"`"),
        ),
        (Shape::Count | Shape::Limit, Expr::Unary(unary)) if matches!(unary.op, UnOp::Neg(_)) => (
            format!("`{name}` cannot be negative"),
            match shape {
                Shape::Limit => format!("write `{name}: 8192`, or `infinity`"),
                _ => "write a number from zero on".to_owned(),
            },
        ),
        (Shape::Limit, Expr::Path(path)) if is_no_limit(path) => (
            format!("`{name}` takes a whole number or `infinity`"),
            format!("write `{name}: infinity`"),
        ),
        _ => return true,
    };
    errors.at(value, wrong, help);
    false
}

/// What others mean by `yes`.
fn truth(value: &Expr) -> Option<bool> {
    match text(word(value)?).to_lowercase().as_str() {
        "yes" | "on" | "true" => Some(true),
        "no" | "off" | "false" => Some(false),
        _ => None,
    }
}

/// What others say for `infinity`.
fn is_no_limit(path: &ExprPath) -> bool {
    path.path.segments.last().is_some_and(|last| {
        let name = text(&last.ident);
        ["INFINITY", "Infinity", "None", "none", "unlimited"].contains(&name.as_str())
    })
}

/// The name, if the value is a single one.
fn word(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => path.path.get_ident(),
        _ => None,
    }
}
