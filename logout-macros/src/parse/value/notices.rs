//! The setting `notices`: messages about the program's own runs.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

use super::Key;
use super::parse_list;
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::{ident_text, nearest};
use crate::parse::list::take_until_comma;

/// The variants of `logout`'s `NoticeOf`.
const VARIANTS: [&str; 3] = ["Crashed", "Started", "Stopped"];

/// Parses `[Crashed, Started]`.
pub(super) fn parse_notices(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    let notices = parse_list(input, key, "notice", errors, parse_notice)?;
    Some(Value::Notices(notices))
}

fn parse_notice(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    let known = |word: Ident| VARIANTS.contains(&ident_text(&word).as_str());
    if input.fork().call(Ident::parse_any).is_ok_and(known) {
        return Ident::parse_any(input).ok();
    }
    let written = take_until_comma(input);
    let text = written.to_string();
    let help = match nearest(text.trim_matches('"'), VARIANTS) {
        Some(meant) => format!("write `{meant}`"),
        None => format!("they are {}", VARIANTS.join(", ")),
    };
    errors.push(written, "there is no such notice", help);
    None
}
