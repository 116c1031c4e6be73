//! Tables of TOML in a block.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use syn::Expr;
use syn::parse::ParseStream;

use crate::built_in;
use crate::errors::Errors;
use crate::names::{ident_text, to_camel_case};

/// Reports `[slack]`, and skips everything after it; returns whether it did.
pub(super) fn reject_table(input: ParseStream<'_>, errors: &mut Errors) -> bool {
    if !input.peek(syn::token::Bracket) {
        return false;
    }
    let Ok(group) = input.fork().parse::<Group>() else {
        return false;
    };
    if !is_name(group.stream()) {
        return false;
    }
    report(group.stream(), group.span_open(), errors);
    skip_rest(input);
    true
}

/// Returns whether this is `slack`, `production.ops` or `[adapters]`, and not a list without its
/// key.
fn is_name(table: TokenStream) -> bool {
    let is_part = |token| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(sign) => ".-".contains(sign.as_char()),
        TokenTree::Group(group) => is_name(group.stream()),
        TokenTree::Literal(_) => false,
    };
    !table.is_empty() && table.into_iter().all(is_part)
}

/// Reports `[slack]` after a value, which Rust takes for an index.
pub(super) fn reject_table_behind(
    value: &Expr,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> bool {
    let Expr::Index(table) = value else {
        return false;
    };
    if !matches!(*table.expr, Expr::Lit(_)) {
        return false;
    }
    let inside = quote::ToTokens::to_token_stream(&table.index);
    report(inside, table.bracket_token.span.open(), errors);
    skip_rest(input);
    true
}

fn report(table: TokenStream, at: Span, errors: &mut Errors) {
    let name = last_word(table).unwrap_or_default();
    let adapter = to_camel_case(&name);
    let help = if built_in::find(&adapter).is_some() {
        format!("write `adapters: [{adapter} {{ … }}]`, or move the table to `logout.toml`")
    } else if name == "adapters" {
        "write `adapters: [Slack]`".to_owned()
    } else {
        "write `level: WARN` and the like, or move the table to `logout.toml`".to_owned()
    };
    errors.push_at(at, "a block has no tables", help);
}

/// Returns `slack` of `adapters.slack` and of `[adapters]`.
fn last_word(table: TokenStream) -> Option<String> {
    let words = table.into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(ident_text(&word as &Ident)),
        TokenTree::Group(group) => last_word(group.stream()),
        _ => None,
    });
    words.last()
}

/// Skips everything that follows, which is TOML too.
fn skip_rest(input: ParseStream<'_>) {
    drop(input.parse::<TokenStream>());
}
