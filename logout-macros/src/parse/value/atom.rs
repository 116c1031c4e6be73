//! Atoms: words after a colon, as in Elixir and Ruby.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;

use super::Key;
use super::level;
use crate::errors::Errors;
use crate::names::{ident_text, to_camel_case};
use crate::settings::Shape;

/// `:infinity`
pub(in crate::parse) struct Atom {
    tokens: TokenStream,
    pub(in crate::parse) word: String,
}

impl Atom {
    /// Returns its span.
    pub(in crate::parse) fn span(&self) -> Span {
        let first = self.tokens.clone().into_iter().next();
        first.map_or_else(Span::call_site, |first| first.span())
    }
}

/// Parses `:infinity` after the colon of a key.
pub(in crate::parse) fn parse_atom(input: ParseStream<'_>) -> Option<Atom> {
    let ahead = input.fork();
    if ahead.peek(Token![::]) {
        return None;
    }
    let mut tokens = ahead.parse::<Token![:]>().ok()?.into_token_stream();
    let word = ahead.call(Ident::parse_any).ok()?;
    input.advance_to(&ahead);
    word.to_tokens(&mut tokens);
    Some(Atom {
        tokens,
        word: ident_text(&word),
    })
}

/// Reports `:infinity` in place of a setting's value; returns whether it did.
pub(super) fn reject_atom(
    input: ParseStream<'_>,
    shape: Shape,
    key: Key<'_>,
    errors: &mut Errors,
) -> bool {
    let Some(atom) = parse_atom(input) else {
        return false;
    };
    let meant = match (shape, atom.word.as_str()) {
        (Shape::Level, word) => level::named(word).map(str::to_owned),
        (Shape::Text, word) => Some(format!("\"{word}\"")),
        (Shape::Limit, "infinity" | "infinite" | "unlimited") => Some("infinity".to_owned()),
        (Shape::Metadata, "all") | (Shape::Steps, "off") | (Shape::Flag, "true" | "false") => {
            Some(atom.word.clone())
        }
        (Shape::MentionWhen, "new" | "always") => Some(to_camel_case(&atom.word)),
        _ => None,
    };
    let meant = meant.unwrap_or_else(|| key.example.to_owned());
    let help = format!("write `{key}: {meant}`");
    errors.push(&atom.tokens, "a value has no colon before it", help);
    true
}

/// Reports `:order` in place of a field's name; returns whether it did.
pub(super) fn reject_atom_for_field(input: ParseStream<'_>, errors: &mut Errors) -> bool {
    let Some(atom) = parse_atom(input) else {
        return false;
    };
    let wrong = "a field has no colon before it";
    errors.push(&atom.tokens, wrong, format!("write `{}`", atom.word));
    true
}

/// Reports `:ops` in place of a text; returns whether it did.
pub(in crate::parse) fn reject_atom_for_text(
    input: ParseStream<'_>,
    key: &str,
    errors: &mut Errors,
) -> bool {
    let Some(atom) = parse_atom(input) else {
        return false;
    };
    let help = format!("write `{key}: \"{}\"`", atom.word);
    errors.push(&atom.tokens, "text is written in quotes", help);
    true
}
