//! Attributes: `#[…]` before the struct and the instances, and in the wrong places.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitBool, LitStr, Path, Token};

use super::list::article;
use super::next_span;
use crate::errors::Errors;

/// Parses `#[…]` and documentation.
pub(super) fn parse_attributes(input: ParseStream<'_>, errors: &mut Errors) -> Vec<Attribute> {
    let mut whole = Vec::new();
    while input.peek(Token![#]) {
        let at = next_span(input);
        let mut tokens: TokenStream = input.parse::<TokenTree>().into_iter().collect();
        let is_inner = input.peek(Token![!]);
        if !is_inner && !input.peek(syn::token::Bracket) && reject_comment(input, at, errors) {
            continue;
        }
        tokens.extend(input.parse::<Token![!]>().map(ToTokens::into_token_stream));
        if input.peek(syn::token::Bracket) {
            tokens.extend(input.parse::<TokenTree>());
        }
        match Attribute::parse_outer.parse2(tokens) {
            Ok(attributes) => {
                whole.extend(attributes.into_iter().filter(|attribute| {
                    !attribute.path().is_ident("cfg") || check_condition(attribute, errors)
                }));
            }
            Err(_) => {
                let help = if is_inner {
                    "write `#[cfg(…)]`, or remove it"
                } else {
                    "write `#[cfg(…)]`, or `//` for a comment"
                };
                errors.push_at(at, "this attribute is incomplete", help);
            }
        }
    }
    whole
}

/// Reports `# text`, and skips the rest of its line; returns whether it did.
fn reject_comment(input: ParseStream<'_>, at: Span, errors: &mut Errors) -> bool {
    if !proc_macro::is_available() || input.is_empty() {
        return false;
    }
    let line = at.unwrap().line();
    let ahead = input.fork();
    let mut words = 0;
    while !ahead.is_empty() && next_span(&ahead).unwrap().line() == line {
        // An entry after an incomplete attribute has more than words.
        match ahead.parse::<TokenTree>() {
            Ok(TokenTree::Ident(_) | TokenTree::Literal(_)) => words += 1,
            Ok(TokenTree::Punct(sign)) if "-.!?'".contains(sign.as_char()) => {}
            _ => return false,
        }
    }
    if words < 2 {
        return false;
    }
    input.advance_to(&ahead);
    errors.push_at(at, "a comment does not begin with `#`", "write `//`");
    true
}

/// Reports attributes where none are allowed.
pub(super) fn reject_attributes(input: ParseStream<'_>, kind: &str, errors: &mut Errors) {
    for attribute in parse_attributes(input, errors) {
        let help = if attribute.path().is_ident("doc") {
            "use `//` for a comment; documentation goes before the struct or an adapter"
        } else if !attribute.path().is_ident("cfg") && !attribute.path().is_ident("cfg_attr") {
            "remove the attribute"
        } else {
            "write `#[cfg(…)]` before the struct or before an adapter"
        };
        errors.push(
            attribute,
            format!("{} {kind} cannot have attributes", article(kind)),
            help,
        );
    }
}

/// Returns whether rustc can parse the condition; reports it if not, because rustc would do so
/// several times.
fn check_condition(attribute: &Attribute, errors: &mut Errors) -> bool {
    let list = attribute.meta.require_list();
    let Some(list) = list.ok().filter(|list| !list.tokens.is_empty()) else {
        let help = "write `#[cfg(unix)]`, or `#[cfg(feature = \"…\")]`";
        errors.push(attribute, "this condition is empty", help);
        return false;
    };
    let read = parse_condition.parse2(list.tokens.clone());
    if let Err(error) = &read {
        let help = "write `unix`, `feature = \"…\"`, `not(…)`, `all(…, …)` or `any(…, …)`";
        errors.push_at(error.span(), "this condition is incomplete", help);
    }
    read.is_ok()
}

/// Parses a condition: `unix`, `feature = "x"` or `any(unix, windows)`
fn parse_condition(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(LitBool) {
        input.parse::<LitBool>()?;
        return Ok(());
    }
    let path = input.call(Path::parse_mod_style)?;
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        input.parse::<LitStr>()?;
    } else if input.peek(syn::token::Paren) {
        let inside;
        syn::parenthesized!(inside in input);
        if path.is_ident("not") && inside.is_empty() {
            return Err(syn::Error::new_spanned(path, "nothing to negate"));
        }
        while !inside.is_empty() {
            parse_condition(&inside)?;
            if !inside.is_empty() {
                inside.parse::<Token![,]>()?;
            }
        }
    }
    Ok(())
}
