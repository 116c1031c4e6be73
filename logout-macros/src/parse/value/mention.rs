//! The setting `mention_when`.

use quote::ToTokens;
use syn::Expr;

use super::{Key, is_level_name, single_ident};
use crate::ast::Value;
use crate::errors::Errors;
use crate::names::{ident_text, nearest};

/// The variants of `logout`'s `MentionWhen`.
const VARIANTS: [&str; 2] = ["New", "Always"];

/// Parses a bare name, or an expression of type `MentionWhen`.
pub(super) fn from_expr(value: Expr, key: Key<'_>, errors: &mut Errors) -> Option<Value> {
    let written = match (&value, single_ident(&value)) {
        (_, Some(word)) if VARIANTS.contains(&ident_text(word).as_str()) => {
            return Some(Value::MentionWhen(word.clone()));
        }
        // The name of a constant, or the word that an editor inserts at its cursor.
        (_, Some(word)) if !is_written_like_a_variant(&ident_text(word)) => {
            return Some(Value::Constant(value));
        }
        (_, Some(word)) => ident_text(word),
        (Expr::Lit(literal), None) => literal.to_token_stream().to_string(),
        (Expr::Array(_) | Expr::Tuple(_), None) => String::new(),
        _ => return Some(Value::Constant(value)),
    };
    let help = match nearest(written.trim_matches('"'), VARIANTS) {
        Some(meant) => format!("write `{key}: {meant}`"),
        None => format!("write `{key}: New` or `{key}: Always`"),
    };
    errors.push(value, format!("`{key}` takes `New` or `Always`"), help);
    None
}

/// Returns whether this is no constant's name: `Alwys`, `never`, `ERROR`, `NEW`.
fn is_written_like_a_variant(word: &str) -> bool {
    let is_variant = |variant: &&str| variant.eq_ignore_ascii_case(word);
    word.contains(char::is_lowercase) || is_level_name(word) || VARIANTS.iter().any(is_variant)
}
