//! The procedural macro behind `logout!`.
//!
//! `logout` exports the macro that programs call; it hands `$crate` and the block to the one here,
//! so that the generated code finds the library under whatever name the program gave it.
//!
//! The phases are the modules, in this order: `parse` turns tokens into the `ast`, and goes on
//! after every mistake; `check` makes the checks across settings; `model` is what remains to be
//! generated, with nothing left to interpret; `expand` writes it out. All mistakes are reported at
//! once and after the items, which exist even while a block is half typed.
//!
//! # What a block costs to compile
//!
//! Processor time that a program of nothing but a block takes more than one that only uses
//! `logout`, unoptimized with debug information, rustc 1.95, the middle of three runs: a block of
//! twelve adapters of four types takes 0.06 s more to check; built
//! from nothing and not incrementally 0.9 s more where it is started, of which a block of one
//! adapter takes 0.55 s for the worker.

#![forbid(unsafe_code)]
#![warn(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod ast;
mod built_in;
mod check;
mod errors;
mod expand;
mod link;
mod model;
mod names;
mod option_docs;
mod parse;
mod settings;
mod template;
#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream};

/// Expands a block; see `logout::logout!`.
///
/// The first token is the keyword of the first item. It comes from a macro whose name rustc prints
/// when it finds the item in place of an expression.
#[proc_macro]
pub fn logout(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let mut input = TokenStream::from(input).into_iter();
    let keyword = input
        .next()
        .map_or_else(Span::call_site, |keyword| keyword.span());
    let wrap = |model: &_, items: &_| expand::duplicate_guard::wrap(model, items, keyword);
    compile(input.collect(), wrap).into()
}

/// Derives `logout::adapter::OptionDocs`.
#[proc_macro_derive(OptionDocs, attributes(serde))]
pub fn option_docs(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    option_docs::derive(input.into()).into()
}

/// Expands `($crate)` and a block into items, followed by errors; `wrap` makes the last change to
/// the items.
fn compile(
    input: TokenStream,
    wrap: impl FnOnce(&model::Model, &TokenStream) -> TokenStream,
) -> TokenStream {
    let mut errors = errors::Errors::default();
    let mut output = TokenStream::new();
    if let Some(mut block) = parse::block(input, &mut errors) {
        check::block(&mut block, &mut errors);
        let is_right = errors.count() == 0;
        let warnings = is_right.then(|| check::warnings(&block));
        let model = model::Model::new(block, warnings.unwrap_or_default());
        let items = expand::block(&model);
        output = wrap(&model, &items);
    }
    output.extend(errors.into_tokens());
    output
}
