//! The entries of `adapters`.

mod path;

use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Attribute, Expr, Lit, LitStr, Token, Visibility};

pub(super) use self::path::is_built_in;
use self::path::path;
use super::list::{self, entries, inside, skip_to_comma};
use super::{attribute, joined, next_span, no_other_key, skip_one, value};
use crate::ast::{AdapterOption, AdapterPath, Instance, Pair};
use crate::errors::Errors;
use crate::names::{invented_at, nearest, text};
use crate::settings;

const EXAMPLE: &str = "[Slack, ops: Slack { … }]";

/// Reads `[Slack, ops: Slack { level: ERROR }]`
pub(super) fn list(
    input: ParseStream<'_>,
    key: &Ident,
    instances: &mut Vec<Instance>,
    errors: &mut Errors,
) {
    if let Some(list) = value::brackets(input, key, EXAMPLE, errors) {
        inside(&list, |input| {
            entries(input, errors, "adapter", |input, errors| {
                instances.extend(instance(input, errors));
            });
        });
    }
}

fn instance(input: ParseStream<'_>, errors: &mut Errors) -> Option<Instance> {
    let (docs, conditions) = attributes(input, errors);
    if input.is_empty() {
        if let Some(attribute) = docs.iter().chain(&conditions).next_back() {
            let help = "write the adapter behind it";
            errors.at(attribute, "this is followed by no adapter", help);
        }
        return None;
    }
    not_public(input, errors);
    if level_behind_type(input, errors) {
        skip_to_comma(input);
        return None;
    }
    let name = name(input, errors);
    if let Some(name) = &name
        && setting(input, name, errors)
    {
        skip_to_comma(input);
        return None;
    }
    let path = match path(input, name.as_ref(), errors) {
        Ok(path) => path,
        // Without a name and a type there is nothing to generate.
        Err(()) if name.is_none() => {
            skip_to_comma(input);
            return None;
        }
        Err(()) => {
            skip_to_comma(input);
            None
        }
    };
    let name = name.or_else(|| name_behind(input, path.as_ref(), errors));
    let mut instance = Instance {
        docs,
        conditions,
        name,
        path,
        settings: Vec::new(),
        options: Vec::new(),
    };
    options(input, &mut instance, errors);
    (instance.name.is_some() || instance.path.is_some()).then_some(instance)
}

/// Reports `Slack: ERROR`.
fn level_behind_type(input: ParseStream<'_>, errors: &mut Errors) -> bool {
    let ahead = input.fork();
    let Ok(adapter) = ahead.parse::<Ident>() else {
        return false;
    };
    let sign = ahead.parse::<Token![:]>().is_ok() || ahead.parse::<Token![=]>().is_ok();
    let level = ahead.parse::<Ident>().map(|word| text(&word));
    let Some(level) = level.ok().filter(|word| sign && value::is_level(word)) else {
        return false;
    };
    let found = text(&adapter).starts_with(char::is_uppercase);
    if found {
        let wrong = "an adapter's options stand in braces behind its type";
        errors.at(
            &adapter,
            wrong,
            format!("write `{adapter} {{ level: {level} }}`"),
        );
    }
    found
}

/// Reports `pub` where it makes nothing public.
fn not_public(input: ParseStream<'_>, errors: &mut Errors) {
    let at = next_span(input);
    let named = input.peek2(Token![:]) && !input.peek2(Token![::]);
    if input.peek(Token![pub]) && !named && input.parse::<Visibility>().is_ok() {
        let wrong = "an instance is as public as its block";
        errors.span(at, wrong, "remove the word, or write it before `struct`");
    }
}

fn attributes(input: ParseStream<'_>, errors: &mut Errors) -> (Vec<Attribute>, Vec<Attribute>) {
    let mut docs = Vec::new();
    let mut conditions = Vec::new();
    for attribute in attribute::all(input, errors) {
        if attribute.path().is_ident("doc") {
            docs.push(attribute);
        } else if attribute.path().is_ident("cfg") {
            conditions.push(attribute);
        } else {
            let wrong = "an instance takes documentation and `#[cfg(…)]` only";
            let written = attribute.path().get_ident().map(text).unwrap_or_default();
            let help = match nearest(&written, ["cfg"]) {
                Some(_) if written != "cfg_attr" => "write `#[cfg(…)]`, or remove the attribute",
                _ => "remove the attribute",
            };
            errors.at(attribute, wrong, help);
        }
    }
    (docs, conditions)
}

/// Whether what follows `name` is the value of a setting and no adapter; reports it.
fn setting(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> bool {
    let is_type = |word: Ident| word.to_string().contains(char::is_lowercase);
    let found = settings::find(&text(name)).is_some()
        && !input.peek(Token![::])
        && !input.fork().call(Ident::parse_any).is_ok_and(is_type);
    if found {
        let wrong = format!(
            "the setting `{}` stands in the list of adapters",
            text(name)
        );
        errors.at(name, wrong, "write it before or after `adapters: […]`");
    }
    found
}

/// Reads `ops` in `Slack as ops`.
fn name_behind(
    input: ParseStream<'_>,
    path: Option<&AdapterPath>,
    errors: &mut Errors,
) -> Option<Ident> {
    let at = next_span(input);
    input.parse::<Token![as]>().ok()?;
    let name = input.call(Ident::parse_any).ok()?;
    let adapter = path.map_or_else(|| "Slack".to_owned(), |path| text(&path.last));
    let help = format!("write `{}: {adapter}`", text(&name));
    errors.span(at, "an instance is named before its adapter", help);
    Some(name)
}

/// Reads `ops:`
fn name(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    if let Some(name) = name_of_parts(input, errors) {
        return Some(name);
    }
    let named = input.peek2(Token![:]) && !input.peek2(Token![::]);
    let assigned = input.peek2(Token![=]) || input.peek2(Token![->]);
    if !(named || assigned) {
        return name_without_colon(input, errors);
    }
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let help = format!("write `{}: Slack`", text.value());
        errors.at(
            text,
            "the name of an instance is written without quotes",
            help,
        );
        skip_one(input);
        value::skip_sign(input);
        return None;
    }
    if input.peek(Lit) {
        let wrong = "the name of an instance is a word in lower case";
        errors.span(next_span(input), wrong, "write `ops: Slack`");
        skip_one(input);
        value::skip_sign(input);
        return None;
    }
    let name = input.call(Ident::parse_any).ok()?;
    if assigned {
        let help = format!("write `{}: Slack`", text(&name));
        errors.span(next_span(input), "instances are named with `:`", help);
    }
    value::skip_sign(input);
    Some(name)
}

/// Reads `ops-dev:`, `ops.dev:` or `ops dev:`
fn name_of_parts(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    let ahead = input.fork();
    let first = ahead.call(Ident::parse_any).ok()?;
    let apart = text(&first).starts_with(char::is_lowercase);
    let name = joined(&ahead, &first, apart)?;
    if !ahead.peek(Token![:]) || ahead.peek(Token![::]) {
        return None;
    }
    input.advance_to(&ahead);
    value::skip_sign(input);
    let wrong = "the words of an instance's name are separated by `_`";
    errors.at(&first, wrong, format!("write `{name}: Slack`"));
    Some(invented_at(&name, first.span()))
}

/// Reads `ops` in `ops Slack`, which is no missing comma.
fn name_without_colon(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    if !input.peek2(Ident::peek_any) {
        return None;
    }
    let name: Ident = input.fork().parse().ok()?;
    if !name.to_string().starts_with(char::is_lowercase) {
        return None;
    }
    skip_one(input);
    let help = format!("write `{name}: Slack`");
    errors.span(
        next_span(input),
        format!("expected `:` after `{name}`"),
        help,
    );
    Some(name)
}

/// Reads `{ topic: "alerts", level: ERROR }`
fn options(input: ParseStream<'_>, instance: &mut Instance, errors: &mut Errors) {
    if let Some(group) = braces(input, instance, errors) {
        inside(&group, |input| {
            entries(input, errors, "option", |input, errors| {
                option(input, instance, errors);
            });
        });
    }
}

/// Reads `{ … }`, or what was written for it.
fn braces(input: ParseStream<'_>, instance: &Instance, errors: &mut Errors) -> Option<Group> {
    let name = instance
        .path
        .as_ref()
        .map_or_else(|| "Slack".to_owned(), |path| text(&path.last));
    let ahead = input.fork();
    let before = next_span(input);
    let joined = ahead.parse::<Token![where]>().is_ok();
    if let Ok(word) = ahead.call(Ident::parse_any)
        && settings::find_option(&text(&word)).is_some()
        && ahead.peek(Token![:])
        && !is_entry(&ahead)
    {
        let wrong = format!("expected braces after `{name}`");
        let at = if joined { before } else { word.span() };
        errors.span(at, wrong, format!("write `{name} {{ {word}: … }}`"));
        skip_to_comma(input);
        return None;
    }
    let group: Group = input.parse().ok()?;
    if group.delimiter() != Delimiter::Brace {
        let wrong = format!("expected braces after `{name}`");
        errors.span(group.span_open(), wrong, format!("write `{name} {{ … }}`"));
    }
    Some(group)
}

/// Whether an adapter follows the colon, and no value of an option.
fn is_entry(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Token![:]>().is_ok()
        && ahead
            .call(Ident::parse_any)
            .is_ok_and(|word| text(&word).contains(char::is_lowercase))
}

/// Reads `topic: "alerts"`
fn option(input: ParseStream<'_>, instance: &mut Instance, errors: &mut Errors) {
    attribute::none(input, "option", errors);
    let Some(key) = key(input, errors) else {
        return skip_to_comma(input);
    };
    let sign = next_span(input);
    let setting = settings::find_option(&text(&key));
    let example = setting.map_or("…", |setting| setting.example);
    let valued = value::follows(input, (&text(&key), key.span()), "option", example, errors);
    match setting {
        Some(setting) => {
            let value = valued
                .then(|| value::of(input, &key, setting, errors))
                .flatten();
            instance.settings.push(Pair {
                key,
                setting,
                value,
            });
        }
        None => {
            let value = valued.then(|| {
                if let Some(text) = text_without_quotes(input, errors) {
                    return text;
                }
                value::expression(input, value::COMPLETE, errors)
            });
            let value = value.and_then(value::Written::whole_or_half);
            instance.options.push(AdapterOption { key, sign, value });
        }
    }
}

/// Reads `topic`
fn key(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    no_other_key(input, "option", errors)?;
    let at = next_span(input);
    if input.peek2(syn::Ident) && !input.peek(syn::Ident) {
        let word: Option<TokenTree> = input.parse().ok();
        errors.at(
            word,
            "an option is its name and its value",
            "remove the word",
        );
    }
    let Ok(key) = input.call(Ident::parse_any) else {
        errors.span(
            at,
            "expected the name of an option",
            "write `level: ERROR`, or a field of the adapter",
        );
        return None;
    };
    if input.is_empty() || input.peek(Token![,]) {
        let level = text(&key);
        if value::is_level(&level) {
            let wrong = "a level stands behind the name of its option";
            errors.at(key, wrong, format!("write `level: {level}`"));
            return None;
        }
    }
    Some(match joined(input, &key, false) {
        Some(name) => {
            let wrong = "the words of an option's name are separated by `_`";
            errors.at(&key, wrong, format!("write `{name}`"));
            invented_at(&name, key.span())
        }
        None => option_meant(input, key, errors),
    })
}

/// Returns the option of every adapter that `key` was certainly meant to be, since its value could
/// be no field's; `key` if it is none.
fn option_meant(input: ParseStream<'_>, key: Ident, errors: &mut Errors) -> Ident {
    let name = text(&key);
    let Some(meant) = nearest(&name, settings::OPTIONS.iter().copied()) else {
        return key;
    };
    let value = input.fork();
    let certain = meant != name
        && value.parse::<Token![:]>().is_ok()
        && match meant {
            "level" => value
                .parse::<Ident>()
                .is_ok_and(|word| value::is_level(&text(&word))),
            "format" => value
                .parse::<LitStr>()
                .is_ok_and(|text| text.value().contains("$message")),
            _ => value.peek(syn::token::Bracket) && value.parse::<Expr>().is_err(),
        };
    if !certain {
        return key;
    }
    let wrong = format!("unknown option `{name}`");
    errors.at(&key, wrong, format!("write `{meant}`"));
    invented_at(meant, key.span())
}

/// Reports `#alerts` or `@ops`.
fn text_without_quotes(input: ParseStream<'_>, errors: &mut Errors) -> Option<value::Written> {
    if !input.peek(Token![#]) && !input.peek(Token![@]) {
        return None;
    }
    let tokens = list::to_comma(input);
    let text = tokens.to_string().replace(' ', "");
    let help = format!("write `\"{text}\"`");
    errors.at(tokens, "text is written in quotes", help);
    Some(value::Written::Half(None))
}
