//! The values of settings and options.

mod format;
mod judge;
mod level;
mod links;
mod lists;
mod mask;
mod mention;
mod quantity;
mod steps;
mod text;
mod trail;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Expr, Lit, Token};

use super::list::{skip_to_comma, to_comma};
use super::{next_span, skip_one};
use crate::ast::Value;
use crate::errors::Errors;
use crate::names;
use crate::settings::{MASK, MASK_DEFAULT, Setting, Shape};

/// What to write for an expression that is none, where no example is known.
pub(super) const COMPLETE: &str = "complete it, or remove the entry up to its comma";

/// What others say for nothing.
const NONE: [&str; 4] = ["none", "None", "nothing", "off"];

/// Reads the colon after the key `name` at `span`, or what was written for it; tells whether a
/// value follows.
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

/// Passes over `:`, `=`, `==`, `=>` or `->`.
pub(super) fn skip_sign(input: ParseStream<'_>) {
    if input.parse::<Token![=>]>().is_err()
        && input.parse::<Token![==]>().is_err()
        && input.parse::<Token![->]>().is_err()
    {
        skip_one(input);
    }
}

fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,]) || input.peek(Token![;])
}

/// Reads the value of a setting; nothing after a mistake, which is reported.
pub(super) fn of(
    input: ParseStream<'_>,
    key: &Ident,
    setting: &Setting,
    errors: &mut Errors,
) -> Option<Value> {
    match setting.shape {
        Shape::Rules => lists::rules(input, key, setting.example, errors),
        Shape::Fingerprints => lists::fingerprints(input, key, setting.example, errors),
        Shape::Mask => mask::names(input, key, setting.example, errors).map(Value::Names),
        Shape::Links => links::read(input, key, setting.example, errors),
        Shape::Trail => trail::read(input, key, setting.example, errors),
        Shape::Steps => steps::read(input, key, setting.example, errors),
        Shape::Metadata => lists::metadata(input, key, setting.example, errors),
        shape => {
            if shape == Shape::Text
                && let Some(words) = text::several_words(input)
            {
                let help = format!("write `{}: \"{words}\"`", names::text(key));
                let wrong = format!("`{}` takes text in quotes", names::text(key));
                errors.at(to_comma(input), wrong, help);
                return None;
            }
            if matches!(
                shape,
                Shape::Count | Shape::Size | Shape::Limit | Shape::Duration
            ) && judge::is_quantity(input, shape, key, setting.example, errors)
            {
                return None;
            }
            let help = format!("write `{}: {}`", names::text(key), setting.example);
            let value = expression(input, &help, errors).whole()?;
            if !judge::fits(shape, &value, key, setting.example, errors) {
                return None;
            }
            match shape {
                Shape::Level => level::read(value, key, errors),
                Shape::MentionWhen => mention::read(value, key, errors),
                Shape::Format => Some(format::read(value, errors)),
                Shape::Limit if word(&value).is_some_and(|word| word == "infinity") => {
                    Some(Value::Infinity)
                }
                _ => in_quotes(shape, value, key, setting.example, errors),
            }
        }
    }
}

/// Reads a span of time or a size in quotes; anything else is an expression.
fn in_quotes(
    shape: Shape,
    value: Expr,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Value> {
    let Expr::Lit(literal) = &value else {
        return Some(Value::Constant(value));
    };
    let Lit::Str(text) = &literal.lit else {
        return Some(Value::Constant(value));
    };
    let name = names::text(key);
    match shape {
        Shape::Duration => quantity::read_duration(text, &name, example, errors)
            .map(|span| Value::Duration(span, text.clone())),
        Shape::Limit if text.value() == "infinity" => Some(Value::Infinity),
        Shape::Size | Shape::Limit => quantity::read_size(text, &name, example, errors)
            .map(|bytes| Value::Size(bytes, text.clone())),
        _ => Some(Value::Constant(value)),
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

/// Reads an expression, or up to the comma; `help` says what to write if it is none.
pub(super) fn expression(input: ParseStream<'_>, help: &str, errors: &mut Errors) -> Written {
    let ahead = input.fork();
    if let Ok(value) = ahead.parse::<Expr>() {
        input.advance_to(&ahead);
        if let Expr::Assign(value) = value {
            let wrong = "a value stands behind the colon, and no type";
            errors.at(&value.left, wrong, "remove the type and the `=` behind it");
            return Written::Half(Some(*value.right));
        }
        return Written::Whole(value);
    }
    let tokens = to_comma(input);
    errors.at(&tokens, "this is not a whole expression", help);
    // Keeps `receiver` of a half-typed `receiver.`, for the editor.
    let mut typed: Vec<TokenTree> = tokens.into_iter().collect();
    while typed
        .pop_if(|token| matches!(token, TokenTree::Punct(_)))
        .is_some()
    {}
    Written::Half(syn::parse2(typed.into_iter().collect::<TokenStream>()).ok())
}

/// Reads `[…]`, or what was written for it.
pub(super) fn brackets(
    input: ParseStream<'_>,
    key: &Ident,
    example: &str,
    errors: &mut Errors,
) -> Option<Group> {
    let name = names::text(key);
    let none = input
        .fork()
        .call(Ident::parse_any)
        .is_ok_and(|word| word == "false" || NONE.contains(&names::text(&word).as_str()));
    let help = match (none, name.as_str()) {
        (true, MASK) => format!("write `{name}: [-{MASK_DEFAULT}]`"),
        (true, _) => format!("write `{name}: []`"),
        (false, _) => format!("write `{name}: {example}`"),
    };
    let wrong = format!("`{name}` takes a list in brackets");
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

/// Whether this is the name of a level, as it is written in a block.
pub(super) fn is_level(name: &str) -> bool {
    level::named(name) == Some(name)
}

/// Returns the name, if the value is a single one.
fn word(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => path.path.get_ident(),
        _ => None,
    }
}
