//! Comma-separated lists, parsed with recovery after mistakes.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::Token;
use syn::parse::{ParseStream, Parser};

use super::{next_span, skip_token};
use crate::errors::Errors;
use crate::settings;

/// Runs `read` over the contents of a group.
pub(super) fn parse_inside(group: &Group, read: impl FnOnce(ParseStream<'_>)) {
    let parser = |input: ParseStream<'_>| {
        read(input);
        // Anything left over has been reported.
        input.parse::<TokenStream>()
    };
    drop(parser.parse2(group.stream()));
}

/// Parses entry after entry. An entry with a mistake, which `entry` reports, ends at its comma.
pub(super) fn parse_entries(
    input: ParseStream<'_>,
    errors: &mut Errors,
    kind: &str,
    mut entry: impl FnMut(ParseStream<'_>, &mut Errors),
) {
    while !input.is_empty() {
        if input.peek(Token![,]) || input.peek(Token![;]) {
            let wrong = format!("expected {} {kind}", article(kind));
            errors.push_at(
                next_span(input),
                wrong,
                format!("write the {kind}, or remove this"),
            );
            skip_token(input);
            continue;
        }
        let before = input.cursor();
        entry(input, errors);
        if input.is_empty() || input.parse::<Token![,]>().is_ok() {
            continue;
        }
        report_missing_comma(input, errors, kind);
        if input.cursor() == before {
            skip_token(input);
        }
    }
}

/// Reports tokens in place of the comma after an entry, and skips them unless they begin an entry.
fn report_missing_comma(input: ParseStream<'_>, errors: &mut Errors, kind: &str) {
    let next: Option<TokenTree> = input.fork().parse().ok();
    let at = next_span(input);
    if input.peek(Token![;]) && input.peek2(syn::Lit) {
        let wrong = format!("{} {kind} cannot be repeated by a number", article(kind));
        errors.push_at(
            at,
            wrong,
            format!("write each {kind}, with a name of its own"),
        );
        skip_to_comma(input);
        while input.parse::<TokenTree>().is_ok() {}
    } else if input.peek(Token![;]) {
        errors.push_at(
            at,
            format!("{kind}s are separated by `,`"),
            "write `,` instead of `;`",
        );
        skip_token(input);
    } else if let Some(TokenTree::Ident(word)) = next
        && begins_entry(input, &word, kind)
    {
        let wrong = format!("expected `,` before `{word}`");
        errors.push_at(at, wrong, format!("separate {kind}s by `,`"));
    } else if input.peek(Token![#]) {
        errors.push_at(
            at,
            "expected `,` before the attribute",
            format!("separate {kind}s by `,`"),
        );
    } else {
        errors.push_at(
            at,
            format!("this is not part of {} {kind}", article(kind)),
            format!("separate {kind}s by `,`"),
        );
        skip_to_comma(input);
        drop(input.parse::<Token![,]>());
    }
}

/// Returns whether `word`, which comes next, begins a new entry.
fn begins_entry(input: ParseStream<'_>, word: &Ident, kind: &str) -> bool {
    !matches!(kind, "setting" | "option" | "rule")
        || settings::find(&word.to_string()).is_some()
        || input.peek2(Token![:])
        || input.peek2(Token![=])
        || input.peek2(syn::token::Brace)
}

/// Takes the tokens up to the next comma or semicolon.
pub(super) fn take_until_comma(input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![;]) {
        let Ok(token) = input.parse::<TokenTree>() else {
            break;
        };
        tokens.extend([token]);
    }
    tokens
}

/// Skips the rest of a broken entry.
pub(super) fn skip_to_comma(input: ParseStream<'_>) {
    take_until_comma(input);
}

pub(super) fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}
