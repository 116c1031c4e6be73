//! All that is wrong with a block.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Collects mistakes, so that one compile tells them all.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
}

impl Errors {
    /// Records a mistake at `tokens`: what is wrong, and what to write instead.
    pub(crate) fn push(
        &mut self,
        tokens: impl ToTokens,
        wrong: impl AsRef<str>,
        help: impl AsRef<str>,
    ) {
        let text = format_error(wrong.as_ref(), help.as_ref());
        self.found.push(syn::Error::new_spanned(tokens, text));
    }

    /// Records a mistake at `span`.
    pub(crate) fn push_at(&mut self, span: Span, wrong: impl AsRef<str>, help: impl AsRef<str>) {
        let text = format_error(wrong.as_ref(), help.as_ref());
        self.found.push(syn::Error::new(span, text));
    }

    /// Points at the place that belongs to the mistake recorded last.
    pub(crate) fn push_note(&mut self, tokens: impl ToTokens, note: impl AsRef<str>) {
        self.found
            .push(syn::Error::new_spanned(tokens, note.as_ref()));
    }

    /// Returns how many there are so far.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns one `compile_error!` each, in the order of the source.
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
