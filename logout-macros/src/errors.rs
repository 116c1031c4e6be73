//! The errors of a block.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// A collection of errors, so that one compilation reports them all.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
}

impl Errors {
    /// Adds an error at `tokens`: what is wrong, and what to write instead.
    pub(crate) fn push(
        &mut self,
        tokens: impl ToTokens,
        wrong: impl AsRef<str>,
        help: impl AsRef<str>,
    ) {
        let text = format_error(wrong.as_ref(), help.as_ref());
        self.found.push(syn::Error::new_spanned(tokens, text));
    }

    /// Adds an error at `span`.
    pub(crate) fn push_at(&mut self, span: Span, wrong: impl AsRef<str>, help: impl AsRef<str>) {
        let text = format_error(wrong.as_ref(), help.as_ref());
        self.found.push(syn::Error::new(span, text));
    }

    /// Adds another place to the last error.
    pub(crate) fn push_note(&mut self, tokens: impl ToTokens, note: impl AsRef<str>) {
        self.found
            .push(syn::Error::new_spanned(tokens, note.as_ref()));
    }

    /// Returns the number of errors.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns a `compile_error!` for each, in the order of the source.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        if proc_macro::is_available() {
            self.found.sort_by_key(|error| {
                let span = error.span().unwrap();
                (span.line(), span.column())
            });
        }
        self.found
            .iter()
            .map(syn::Error::to_compile_error)
            .collect()
    }
}

fn format_error(wrong: &str, help: &str) -> String {
    format!("{wrong}\nhelp: {help}")
}
