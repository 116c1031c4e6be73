//! What stands before the braces of a block.

use proc_macro2::{Group, Ident};
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Token, Visibility};

use super::{attribute, joined, next_span, skip_one};
use crate::ast::Block;
use crate::errors::Errors;
use crate::names::{camel, invented_at};

const SHAPE_OF_A_BLOCK: &str = "write `logout! { pub struct Alerts { adapters: [Slack] } }`";

/// Reads the block up to its braces, and whether it is as it should be.
pub(super) fn read(input: ParseStream<'_>, errors: &mut Errors) -> Option<(Block, bool)> {
    let library = input.parse::<Group>().ok()?.stream();
    let attributes = attribute::all(input, errors);
    let visibility = input.parse().unwrap_or(Visibility::Inherited);
    let told = errors.count();
    let keyword = keyword(input, errors);
    // Without `struct` a word before a colon is a setting's and no name for items.
    if input.is_empty() || (errors.count() > told && input.peek2(Token![:])) {
        return None;
    }
    let name: Ident = match input.parse() {
        Ok(name) => name_of_parts(input, name, errors),
        Err(_) => {
            let at = next_span(input);
            if errors.count() == told {
                errors.span(at, "expected the name of the struct", SHAPE_OF_A_BLOCK);
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
    let sound = errors.count() == told;
    attributes_of_block(&mut block, errors);
    Some((block, sound))
}

/// Reads the name; of `my-alerts`, which is reported, the one that it makes.
fn name_of_parts(input: ParseStream<'_>, first: Ident, errors: &mut Errors) -> Ident {
    let Some(name) = joined(input, &first, false) else {
        return first;
    };
    let name = camel(&name);
    let wrong = "the name of the struct is one word";
    errors.at(&first, wrong, format!("write `struct {name}`"));
    invented_at(&name, first.span())
}

/// Reads the word `struct`, or what was written for it.
fn keyword(input: ParseStream<'_>, errors: &mut Errors) -> Token![struct] {
    if !input.peek(Token![struct]) {
        let at = next_span(input);
        errors.span(at, "expected `struct` and a name", SHAPE_OF_A_BLOCK);
        let rest = input.fork();
        while !rest.is_empty() && !rest.peek(Token![struct]) {
            skip_one(&rest);
        }
        if rest.peek(Token![struct]) {
            input.advance_to(&rest);
        } else if !input.peek2(Token![:]) {
            skip_to_name(input);
        }
    }
    input.parse().unwrap_or_default()
}

/// Passes over `class` in `class Alerts { … }` and `let alerts =` in `let alerts = Alerts { … }`.
fn skip_to_name(input: ParseStream<'_>) {
    let rest = input.fork();
    while !rest.is_empty() {
        if rest.peek(syn::Ident) && rest.peek2(syn::token::Brace) {
            input.advance_to(&rest);
            return;
        }
        skip_one(&rest);
    }
    if input.peek2(syn::Ident) {
        skip_one(input);
    }
}

fn attributes_of_block(block: &mut Block, errors: &mut Errors) {
    block.attributes.retain(|attribute| {
        let derive = attribute.path().is_ident("derive");
        if derive {
            let wrong = "nothing can be derived for the struct of a block";
            errors.at(
                attribute,
                wrong,
                "remove the attribute; `Debug` is implemented already",
            );
        }
        !derive
    });
}
