//! The values of settings and options.

pub(super) mod atom;
mod field_names;
mod fingerprints;
mod fleet;
mod format;
mod level;
mod links;
mod mask;
mod mention;
mod notices;
mod quantity;
mod remind;
mod rule_key;
mod rules;
mod scrub;
mod shape_check;
mod target;
mod text;
mod trail;

use std::fmt;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Expr, Lit, Token};

pub(crate) use self::text::shell_variable;
use super::list::{article, parse_entries, parse_inside, skip_to_comma, take_until_comma};
use super::{adapter, next_span, report_duplicate, skip_token, toml};
use crate::ast::{Value, text_literal};
use crate::errors::Errors;
use crate::names;
use crate::settings::{self, MASK, MASK_DEFAULT, Setting, Shape};

/// The help for an incomplete expression without a known example.
pub(super) const COMPLETE_HELP: &str = "complete the expression, or remove the entry";

/// The error for `{ key: value }`.
const NO_BRACES: &str = "this value has no braces";
const TABLE_HELP: &str = "write a literal or a constant; a table goes into `logout.toml`";

/// Words for nothing in other languages.
const NONE_WORDS: [&str; 7] = ["none", "None", "nil", "nothing", "null", "off", "undefined"];

/// Parses the colon after the key `name` at `span`, or what is in its place; returns whether a
/// value follows.
pub(super) fn parse_colon(
    input: ParseStream<'_>,
    (name, span): (&str, Span),
    kind: &str,
    example: &str,
    errors: &mut Errors,
) -> bool {
    let help = format!(
        "write `{name}: {}`",
        written_value(input, example).unwrap_or_else(|| example.to_owned())
    );
    let at = next_span(input);
    let has_colon = input.peek(Token![:]) && !input.peek(Token![::]);
    if has_colon {
        skip_separator(input);
    }
    if input.peek(Token![=]) {
        skip_separator(input);
        let wrong = format!("{} {kind} takes `:` before its value", article(kind));
        errors.push_at(at, wrong, &help);
    } else if !has_colon && !at_entry_end(input) {
        errors.push_at(at, format!("expected `:` after `{name}`"), &help);
        let starts_value = input.peek(Lit) || input.peek(syn::token::Bracket);
        if !starts_value {
            skip_to_comma(input);
        }
        return starts_value;
    }
    if at_entry_end(input) {
        errors.push_at(span, format!("{kind} `{name}` needs a value"), help);
        return false;
    }
    true
}

/// The key of a value, as the program wrote it, with an example of the value.
#[derive(Clone, Copy)]
pub(super) struct Key<'k> {
    pub(super) ident: &'k Ident,
    pub(super) example: &'k str,
}

impl Key<'_> {
    fn name(self) -> String {
        names::ident_text(self.ident)
    }

    /// Says to write what the example has.
    fn help(self) -> String {
        format!("write `{self}: {}`", self.example)
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// Parses the colon and the value of an option in braces, which must have this `shape`.
fn parse_option_value(
    input: ParseStream<'_>,
    key: Key<'_>,
    shape: Shape,
    errors: &mut Errors,
) -> Option<Expr> {
    let named = (&*key.name(), key.ident.span());
    if !parse_colon(input, named, "option", key.example, errors)
        || shape_check::report_unquoted_quantity(input, shape, key, errors)
    {
        return None;
    }
    let value = parse_expression(input, &key.help(), errors).complete()?;
    shape_check::check_shape(shape, &value, key, errors).then_some(value)
}

/// Returns the value after a wrong separator, if it is a single token that the help may repeat.
fn written_value(input: ParseStream<'_>, example: &str) -> Option<String> {
    let ahead = input.fork();
    if ahead.peek(Token![:]) {
        skip_separator(&ahead);
    }
    if ahead.peek(Token![=]) {
        skip_separator(&ahead);
    }
    let mut tokens = take_until_comma(&ahead).into_iter();
    let value = tokens.next().filter(|_| tokens.next().is_none())?;
    let is_text = value.to_string().starts_with('"');
    let is_usable = match value {
        TokenTree::Ident(_) => true,
        TokenTree::Literal(_) => is_text == example.starts_with('"') || example == "…",
        TokenTree::Group(_) | TokenTree::Punct(_) => false,
    };
    is_usable.then(|| value.to_string())
}

/// Skips `:`, `=`, `==`, `=>` or `->`.
pub(super) fn skip_separator(input: ParseStream<'_>) {
    if input.parse::<Token![=>]>().is_err()
        && input.parse::<Token![==]>().is_err()
        && input.parse::<Token![->]>().is_err()
    {
        skip_token(input);
    }
}

fn at_entry_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,]) || input.peek(Token![;])
}

/// Parses the value of a setting; `None` after a mistake, which is reported.
pub(super) fn parse_value(
    input: ParseStream<'_>,
    key: &Ident,
    setting: &Setting,
    errors: &mut Errors,
) -> Option<Value> {
    let key = Key {
        ident: key,
        example: setting.example,
    };
    if atom::reject_atom(input, setting.shape, key, errors) {
        return None;
    }
    match setting.shape {
        Shape::Rules => rules::parse_rules(input, key, errors),
        Shape::Fingerprints => fingerprints::parse_fingerprints(input, key, errors),
        Shape::Mask => mask::parse_mask(input, key, errors).map(Value::Names),
        Shape::Links => links::parse_links(input, key, errors),
        Shape::Trail => trail::parse_trail(input, key, errors),
        Shape::Steps => remind::parse_remind(input, key, errors),
        Shape::Fleet => fleet::parse_fleet(input, key, errors),
        Shape::Notices => notices::parse_notices(input, key, errors),
        Shape::Scrub => scrub::parse_scrub(input, key, errors),
        Shape::Metadata => field_names::parse_metadata(input, key, errors),
        shape => parse_single(input, shape, key, errors),
    }
}

/// Reads a value that is an expression, as far as it is written right.
fn parse_single(
    input: ParseStream<'_>,
    shape: Shape,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    if shape == Shape::Text
        && let Some(words) = text::peek_words(input)
    {
        let wrong = format!("`{key}` takes text in quotes");
        let help = format!("write `{key}: \"{words}\"`");
        errors.push(take_until_comma(input), wrong, help);
        return None;
    }
    let is_quantity = matches!(
        shape,
        Shape::Count | Shape::Size | Shape::Limit | Shape::Duration
    );
    if is_quantity && shape_check::report_unquoted_quantity(input, shape, key, errors)
        || shape == Shape::Level && level::reject_comparison(input, key, errors)
    {
        return None;
    }
    let value = parse_expression(input, &key.help(), errors).complete()?;
    if toml::reject_table_behind(&value, input, errors)
        || !shape_check::check_shape(shape, &value, key, errors)
    {
        return None;
    }
    match shape {
        Shape::Level => level::from_expr(value, key, errors),
        Shape::MentionWhen => mention::from_expr(value, key, errors),
        Shape::Format => Some(format::from_expr(value, errors)),
        Shape::Directory => Some(Value::Directory(value)),
        Shape::Limit if single_ident(&value).is_some_and(|word| word == "infinity") => {
            Some(Value::Infinity)
        }
        _ => parse_quoted_quantity(shape, value, key, errors),
    }
}

/// Parses a duration or a size in quotes; anything else is an expression.
fn parse_quoted_quantity(
    shape: Shape,
    value: Expr,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    let Some(text) = text_literal(&value) else {
        return Some(Value::Constant(value));
    };
    match shape {
        Shape::Duration => quantity::parse_duration_literal(text, key, errors)
            .map(|span| Value::Duration(span, text.clone())),
        Shape::Limit if text.value() == "infinity" => Some(Value::Infinity),
        Shape::Size | Shape::Limit => quantity::parse_size_literal(text, key, errors)
            .map(|bytes| Value::Size(bytes, text.clone())),
        _ => Some(Value::Constant(value)),
    }
}

/// A parsed expression.
pub(super) enum ParsedExpr {
    /// Complete.
    Complete(Expr),
    /// The usable part of an incomplete expression, which has been reported.
    Partial(Option<Expr>),
}

impl ParsedExpr {
    pub(super) fn complete(self) -> Option<Expr> {
        match self {
            Self::Complete(value) => Some(value),
            Self::Partial(_) => None,
        }
    }

    pub(super) fn complete_or_partial(self) -> Option<Expr> {
        match self {
            Self::Complete(value) => Some(value),
            Self::Partial(value) => value,
        }
    }
}

/// Parses an expression, or everything up to the comma; `help` says what to write if it is none.
pub(super) fn parse_expression(
    input: ParseStream<'_>,
    help: &str,
    errors: &mut Errors,
) -> ParsedExpr {
    let ahead = input.fork();
    if let Ok(value) = ahead.parse::<Expr>() {
        input.advance_to(&ahead);
        if let Expr::Assign(value) = value {
            let wrong = "a value follows the colon, not a type";
            errors.push(&value.left, wrong, "remove the type and the `=`");
            return ParsedExpr::Partial(Some(*value.right));
        }
        return ParsedExpr::Complete(value);
    }
    let tokens = take_until_comma(input);
    let first = tokens.clone().into_iter().next();
    let is_table =
        matches!(first, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace);
    let (wrong, help) = match is_table {
        true if help == COMPLETE_HELP => (NO_BRACES, TABLE_HELP),
        true => (NO_BRACES, help),
        false => ("this expression is incomplete", help),
    };
    errors.push(&tokens, wrong, help);
    // Keeps `receiver` of an incomplete `receiver.`, for the editor.
    let mut typed: Vec<TokenTree> = tokens.into_iter().collect();
    while typed
        .pop_if(|token| matches!(token, TokenTree::Punct(_)))
        .is_some()
    {}
    ParsedExpr::Partial(syn::parse2(typed.into_iter().collect::<TokenStream>()).ok())
}

/// Parses `[…]`, or what is in its place.
pub(super) fn parse_brackets(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Group> {
    let name = key.name();
    let none = input.fork().call(Ident::parse_any).is_ok_and(|word| {
        word == "false" || NONE_WORDS.contains(&names::ident_text(&word).as_str())
    });
    let help = match (none, name.as_str()) {
        (true, MASK) => format!("write `{name}: [-{MASK_DEFAULT}]`"),
        (true, _) => format!("write `{name}: []`"),
        (false, _) => {
            let written = take_until_comma(&input.fork());
            let list = bracketed(&name, &written).unwrap_or_else(|| key.example.to_owned());
            format!("write `{name}: {list}`")
        }
    };
    let wrong = format!("`{name}` takes a list in brackets");
    let ahead = input.fork();
    match ahead.parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => {
            input.advance_to(&ahead);
            if group.delimiter() != Delimiter::Bracket {
                errors.push_at(group.span_open(), wrong, help);
            }
            Some(group)
        }
        _ => {
            errors.push(take_until_comma(input), wrong, help);
            None
        }
    }
}

/// Returns the list that was meant by `Slack`, `vec![Slack]`, `"3fa9c1"` or `iban`, if that is
/// certain.
fn bracketed(name: &str, written: &TokenStream) -> Option<String> {
    if name == settings::ADAPTERS {
        let adapters = adapter::types_in(written.clone());
        return (!adapters.is_empty()).then(|| format!("[{}]", adapters.join(", ")));
    }
    let mut tokens = written.clone().into_iter();
    let only = tokens.next().filter(|_| tokens.next().is_none())?;
    let is_entry = match &only {
        TokenTree::Ident(_) => name == MASK,
        TokenTree::Literal(text) => name == settings::MUTE && text.to_string().starts_with('"'),
        TokenTree::Group(_) | TokenTree::Punct(_) => false,
    };
    is_entry.then(|| format!("[{only}]"))
}

/// Parses `[…]` entry by entry; wrong entries are reported and left out.
fn parse_list<T>(
    input: ParseStream<'_>,
    key: Key<'_>,
    kind: &str,
    errors: &mut Errors,
    entry: impl FnMut(ParseStream<'_>, &mut Errors) -> Option<T>,
) -> Option<Vec<T>> {
    let group = parse_brackets(input, key, errors)?;
    Some(parse_group(&group, kind, errors, entry))
}

/// Parses the entries in the brackets of a list.
fn parse_group<T>(
    group: &Group,
    kind: &str,
    errors: &mut Errors,
    mut entry: impl FnMut(ParseStream<'_>, &mut Errors) -> Option<T>,
) -> Vec<T> {
    let mut list = Vec::new();
    parse_inside(group, |input| {
        parse_entries(input, errors, kind, |input, errors| {
            list.extend(entry(input, errors));
        });
    });
    list
}

/// Reads what stands in the braces of a broker or a trail; nothing where a part is wrong or given twice,
/// which is reported.
fn parse_parts<T>(
    group: &Group,
    errors: &mut Errors,
    read: impl Fn(ParseStream<'_>, &mut Errors) -> Option<(Ident, T)>,
) -> Option<Vec<(Ident, T)>> {
    let mut parts = Some(Vec::new());
    let mut known: Vec<Ident> = Vec::new();
    parse_inside(group, |input| {
        parse_entries(input, errors, "option", |input, errors| {
            let Some((name, part)) = read(input, errors) else {
                parts = None;
                return;
            };
            let is_same = |first: &&Ident| names::ident_text(first) == names::ident_text(&name);
            if let Some(first) = known.iter().find(is_same) {
                report_duplicate(&name, first, "option", errors);
                parts = None;
            } else if let Some(parts) = &mut parts {
                parts.push((name.clone(), part));
            }
            known.push(name);
        });
    });
    parts
}

/// Returns what to write for a name that is none of these.
fn suggest_part(written: &str, names: &[&str]) -> String {
    match names::nearest(written, names.iter().copied()) {
        Some(meant) => format!("write `{meant}`"),
        None => format!("there are `{}`", names.join("`, `")),
    }
}

/// Returns whether this is the name of a level in a block.
pub(super) fn is_level_name(name: &str) -> bool {
    level::named(name) == Some(name)
}

/// Returns the name, if the value is a single one.
fn single_ident(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(path) if path.qself.is_none() && path.attrs.is_empty() => path.path.get_ident(),
        _ => None,
    }
}
