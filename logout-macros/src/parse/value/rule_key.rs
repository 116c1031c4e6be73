//! Keys of rules that are none: negations, groups, and what others call a target.

use proc_macro2::{Ident, TokenTree};
use strsim::osa_distance;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitStr, Token};

use super::target::TARGET;
use crate::errors::Errors;
use crate::names::ident_text;
use crate::parse::list::skip_to_comma;
use crate::parse::next_span;
use crate::settings::{IGNORE, METADATA_FILTER};

/// The rule on the problem, or on the field in which a program names it.
pub(super) const FINGERPRINT: &str = "fingerprint";

/// What other libraries call a target.
const OTHER_TARGETS: [&str; 5] = ["application", "module", "module_path", "crate", "otp_app"];

/// Reports `not target: "…"`, `!target: "…"`, `target != "…"` and `any(…)`.
pub(super) fn reject_logic(input: ParseStream<'_>, setting: &Ident, errors: &mut Errors) -> bool {
    let at = next_span(input);
    let ahead = input.fork();
    let first = ahead.parse::<TokenTree>().map(|token| token.to_string());
    let first = first.unwrap_or_default();
    let is_negated = match first.as_str() {
        "!" | "-" | "^" | "~" => true,
        "not" => !ahead.peek(Token![:]) && !ahead.peek(Token![=]),
        _ => ahead.peek(Token![!=]),
    };
    let is_group = ["any", "all", "or", "and"].contains(&first.as_str())
        && (ahead.peek(syn::token::Paren) || ahead.peek(syn::token::Bracket));
    if is_negated {
        let name = ident_text(setting);
        let (meant, does) = match name.as_str() {
            METADATA_FILTER => (IGNORE, "which drops the events that match"),
            _ => (METADATA_FILTER, "which keeps only the events that match"),
        };
        let rule = positive(input);
        let help = format!("write `{meant}: [{rule}]`, {does}");
        errors.push_at(at, "a rule cannot be negated", help);
    } else if is_group {
        let wrong = "rules are not nested";
        let help = "write them side by side: rules of one key are alternatives, and rules of different \
                    keys must all match";
        errors.push_at(at, wrong, help);
    } else {
        return false;
    }
    skip_to_comma(input);
    true
}

/// Returns the rule without its negation, as it would be written.
fn positive(input: ParseStream<'_>) -> String {
    let ahead = input.fork();
    let mut key = TARGET.to_owned();
    let mut value = None;
    let mut group = None;
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        if let Ok(text) = ahead.parse::<LitStr>() {
            value = value.or(Some(text.value()));
        } else if let Ok(word) = ahead.call(Ident::parse_any) {
            if word != "not" && value.is_none() {
                key = ident_text(&word);
            }
        } else if let Ok(TokenTree::Group(inside)) = ahead.parse::<TokenTree>() {
            group = group.or(Some(inside));
        }
    }
    // Of `not(target: "hyper")`.
    let inside = group.map(|group| group.stream().to_string().replace(" :", ":"));
    match (value, inside) {
        (None, Some(inside)) => inside,
        (value, _) => format!("{key}: \"{}\"", value.unwrap_or_else(|| "…".to_owned())),
    }
}

/// Returns the key that is no field's, if `key` is another word for it or has a slip of the finger.
pub(super) fn suggest(key: &str) -> Option<&'static str> {
    if OTHER_TARGETS.contains(&key) {
        return Some(TARGET);
    }
    [TARGET, FINGERPRINT]
        .into_iter()
        .find(|known| osa_distance(key, known) == 1)
}
