//! The head of a block: everything before its braces.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Token, Visibility};

use super::{attribute, join_words, next_span, skip_token, toml};
use crate::ast::Block;
use crate::errors::Errors;
use crate::names::{generated_ident_at, to_camel_case};

const BLOCK_HELP: &str = "write `logout! { pub struct Alerts { adapters: [Slack] } }`";

/// Parses the head of a block; returns with it whether it is valid.
pub(super) fn parse(input: ParseStream<'_>, errors: &mut Errors) -> Option<(Block, bool)> {
    let library = input.parse::<Group>().ok()?.stream();
    let attributes = attribute::parse_attributes(input, errors);
    let visibility = input.parse().unwrap_or(Visibility::Inherited);
    if !has_keyword(input) && toml::reject_table(input, errors) {
        return None;
    }
    let errors_before = errors.count();
    let keyword = parse_keyword(input, errors);
    let is_missing = errors.count() > errors_before;
    // Without `struct` a word before a colon is a setting, and no name for items.
    if input.is_empty() || (errors.count() > errors_before && input.peek2(Token![:])) {
        return None;
    }
    let name: Ident = match input.parse() {
        Ok(name) => parse_joined_name(input, name, errors),
        Err(_) => {
            let at = next_span(input);
            if errors.count() == errors_before {
                errors.push_at(at, "expected the name of the struct", BLOCK_HELP);
            }
            return None;
        }
    };
    let mut block = Block {
        library,
        attributes,
        visibility,
        keyword,
        braces: name.span(),
        name,
        settings: Vec::new(),
        instances: Vec::new(),
    };
    let is_valid = errors.count() == errors_before;
    // Without `struct` and without braces the word names nothing.
    if !is_valid && is_missing && !input.peek(syn::token::Brace) {
        return None;
    }
    reject_derive(&mut block, errors);
    Some((block, is_valid))
}

/// Returns whether the keyword `struct` follows anywhere.
fn has_keyword(input: ParseStream<'_>) -> bool {
    let rest: TokenStream = input.fork().parse().unwrap_or_default();
    rest.into_iter()
        .any(|token| matches!(token, TokenTree::Ident(word) if word == "struct"))
}

/// Parses the name; `my-alerts` is reported, and joined.
fn parse_joined_name(input: ParseStream<'_>, first: Ident, errors: &mut Errors) -> Ident {
    let Some(name) = join_words(input, &first, false) else {
        return first;
    };
    let name = to_camel_case(&name);
    let wrong = "the name of the struct is one word";
    errors.push(&first, wrong, format!("write `struct {name}`"));
    generated_ident_at(&name, first.span())
}

/// Parses the word `struct`, or what is in its place.
fn parse_keyword(input: ParseStream<'_>, errors: &mut Errors) -> Token![struct] {
    if !input.peek(Token![struct]) {
        let at = next_span(input);
        errors.push_at(at, "expected `struct` and a name", BLOCK_HELP);
        let rest = input.fork();
        while !rest.is_empty() && !rest.peek(Token![struct]) {
            skip_token(&rest);
        }
        if rest.peek(Token![struct]) {
            input.advance_to(&rest);
        } else if !input.peek2(Token![:]) {
            skip_to_name(input);
        }
    }
    input.parse().unwrap_or_default()
}

/// Skips `class` in `class Alerts { … }` and `let alerts =` in `let alerts = Alerts { … }`.
fn skip_to_name(input: ParseStream<'_>) {
    let rest = input.fork();
    while !rest.is_empty() {
        if rest.peek(syn::Ident) && rest.peek2(syn::token::Brace) {
            input.advance_to(&rest);
            return;
        }
        skip_token(&rest);
    }
    if input.peek2(syn::Ident) {
        skip_token(input);
    }
}

fn reject_derive(block: &mut Block, errors: &mut Errors) {
    block.attributes.retain(|attribute| {
        let derive = attribute.path().is_ident("derive");
        if derive {
            let wrong = "the struct of a block cannot derive traits";
            errors.push(
                attribute,
                wrong,
                "remove the attribute; `Debug` is implemented already",
            );
        }
        !derive
    });
}
