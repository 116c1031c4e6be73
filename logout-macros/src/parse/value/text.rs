//! Texts without quotes, and texts from expressions.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Expr, Lit};

use super::shape_check::Mistake;
use super::single_ident;
use crate::ast::{reads_variable, text_literal};
use crate::names::{ident_text, is_unquoted_text};
use crate::parse::list::take_until_comma;
use crate::settings::{ENV_PREFIX, Shape};

/// The variables that `spool: true` reads.
const SYSTEM_DIRECTORIES: [&str; 2] = ["STATE_DIRECTORY", "XDG_STATE_HOME"];

/// Returns words such as `My App`, if they are no expression.
pub(super) fn peek_words(input: ParseStream<'_>) -> Option<TokenStream> {
    let tokens = take_until_comma(&input.fork());
    let words = tokens.clone().into_iter();
    let all = words.clone().count() > 1 && words.clone().all(|token| is_word(&token));
    all.then_some(tokens)
}

fn is_word(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(_))
}

/// Returns the literal in quotes, if text was meant.
pub(super) fn quote_literal(literal: &Lit) -> Option<String> {
    let written = literal.to_token_stream().to_string();
    let inside = written.trim_matches('\'');
    let plain = inside
        .chars()
        .all(|letter| letter.is_alphanumeric() || "._- ".contains(letter));
    (plain && !inside.is_empty()).then(|| format!("\"{inside}\""))
}

/// Returns what is wrong with a text that is not a literal, if that is certain.
pub(super) fn text_mistake(value: &Expr, name: &str, like: &str) -> Option<Mistake> {
    let takes = format!("`{name}` takes text in quotes");
    if let Some(word) = single_ident(value).filter(|word| is_unquoted_text(&ident_text(word))) {
        let help = format!("write `{name}: \"{word}\"`");
        return Some((takes, help));
    }
    if let Expr::Array(_) | Expr::Tuple(_) = value {
        let help =
            first_text(value).map_or(like.to_owned(), |text| format!("write `{name}: {text}`"));
        return Some((takes, help));
    }
    if let Expr::Binary(joined) = value
        && matches!(joined.op, syn::BinOp::Add(_))
    {
        let (left, right) = (&joined.left, &joined.right);
        let parts = [left.to_token_stream(), right.to_token_stream()]
            .map(|part| part.to_string().replace(" !", "!").replace("! (", "!("));
        let help = format!("write `{name}: concat!({})`", parts.join(", "));
        return Some(("texts are joined by `concat!`".to_owned(), help));
    }
    if is_runtime_text(value) {
        let help = if name == ENV_PREFIX {
            like.to_owned()
        } else {
            format!("{like}, or remove it and set its variable when the program starts")
        };
        let wrong = format!("the block's `{name}` is fixed when the program is compiled");
        return Some((wrong, help));
    }
    if begins_with_number(value) || is_dotted_word(value) {
        let written = value.to_token_stream().to_string().replace(' ', "");
        return Some((takes, format!("write `{name}: \"{written}\"`")));
    }
    None
}

/// Returns what is wrong with a text that only a shell would expand.
pub(super) fn shell_mistake(text: &str, shape: Shape, like: &str) -> Option<Mistake> {
    if let Some(variable) = shell_variable(text) {
        let wrong = format!("a block does not read the variable `{variable}`");
        if shape == Shape::Directory && SYSTEM_DIRECTORIES.contains(&variable) {
            let help = format!(
                "write `true`, which reads `{}`",
                SYSTEM_DIRECTORIES.join("` or `")
            );
            return Some((wrong, help));
        }
        let help = format!("{like}, or remove it and set its variable when the program starts");
        return Some((wrong, help));
    }
    if shape == Shape::Directory && text.trim().is_empty() {
        let wrong = "the name of the directory is empty".to_owned();
        return Some((wrong, format!("{like}, or `spool: false`")));
    }
    (shape == Shape::Directory && text.starts_with('~')).then(|| {
        let wrong = "only a shell reads `~` as the home directory".to_owned();
        (wrong, format!("{like}, with the whole path"))
    })
}

/// Returns `$STAGE`, if the text begins with it or with `${STAGE}`.
pub(crate) fn shell_variable(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let rest = rest.strip_prefix('{').unwrap_or(rest);
    let end = rest.find(|letter: char| {
        !(letter.is_ascii_uppercase() || letter == '_' || letter.is_ascii_digit())
    });
    let name = rest.get(..end.unwrap_or(rest.len()))?;
    name.starts_with(|letter: char| letter.is_ascii_uppercase())
        .then_some(name)
}

/// Returns the first text of a list.
fn first_text(value: &Expr) -> Option<String> {
    let elements = match value {
        Expr::Array(list) => &list.elems,
        Expr::Tuple(list) => &list.elems,
        _ => return None,
    };
    let first = text_literal(elements.first()?)?;
    Some(first.to_token_stream().to_string())
}

/// Returns whether this is `v1.2` or `prod.eu`, and not a field of a constant.
fn is_dotted_word(value: &Expr) -> bool {
    match value {
        Expr::Field(field) => {
            single_ident(&field.base).is_some_and(|word| is_unquoted_text(&ident_text(word)))
                || is_dotted_word(&field.base)
        }
        _ => false,
    }
}

/// Returns whether this begins with a number, as `1.2.3` does.
fn begins_with_number(value: &Expr) -> bool {
    let first = value.to_token_stream().into_iter().next();
    matches!(first, Some(TokenTree::Literal(first))
        if first.to_string().starts_with(|letter: char| letter.is_ascii_digit()))
}

/// Returns whether this is `String::from(…)`, `"…".to_owned()`, `format!(…)` or `env::var(…)`.
fn is_runtime_text(value: &Expr) -> bool {
    match value {
        value if reads_variable(value) => true,
        Expr::Reference(value) => is_runtime_text(&value.expr),
        Expr::Macro(made) => made.mac.path.is_ident("format"),
        Expr::MethodCall(call) => {
            ["to_string", "to_owned", "into"].contains(&ident_text(&call.method).as_str())
                || is_runtime_text(&call.receiver)
        }
        Expr::Call(call) => {
            let function = call.func.to_token_stream().to_string().replace(' ', "");
            ["String::from", "PathBuf::from", "Path::new"]
                .iter()
                .any(|made| function.ends_with(made))
        }
        _ => false,
    }
}
