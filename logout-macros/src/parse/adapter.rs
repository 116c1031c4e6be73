//! The entries of `adapters`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{AngleBracketedGenericArguments, Attribute, LitStr, Token, TypePath};

use super::list::{entries, inside, skip_to_comma};
use super::{next_span, no_attributes, quoted_key, skip_one, value};
use crate::ast::{AdapterOption, AdapterPath, Instance, Pair};
use crate::errors::Errors;
use crate::names::{camel, invented_at, text};
use crate::settings;

/// The types that come with `logout`, as somebody might misspell them.
const BUILT_IN: [&str; 4] = ["slack", "discord", "telegram", "zulip"];

const EXAMPLE: &str = "[Slack, ops: Slack { … }]";

/// `[Slack, ops: Slack { level: ERROR }]`
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
    let name = name(input, errors);
    if let Some(name) = &name
        && is_setting(input, name)
    {
        let wrong = format!(
            "the setting `{}` stands in the list of adapters",
            text(name)
        );
        errors.at(name, wrong, "write it before or after `adapters: […]`");
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
    if let Some(group) = braces(input, &instance, errors) {
        inside(&group, |input| {
            entries(input, errors, "option", |input, errors| {
                option(input, &mut instance, errors);
            });
        });
    }
    (instance.name.is_some() || instance.path.is_some()).then_some(instance)
}

fn attributes(input: ParseStream<'_>, errors: &mut Errors) -> (Vec<Attribute>, Vec<Attribute>) {
    let mut docs = Vec::new();
    let mut conditions = Vec::new();
    for attribute in super::attributes(input, errors) {
        if attribute.path().is_ident("doc") {
            docs.push(attribute);
        } else if attribute.path().is_ident("cfg") {
            conditions.push(attribute);
        } else {
            let wrong = "an instance takes documentation and `#[cfg(…)]` only";
            errors.at(attribute, wrong, "remove the attribute");
        }
    }
    (docs, conditions)
}

/// Whether what follows is the value of a setting and no adapter.
fn is_setting(input: ParseStream<'_>, name: &Ident) -> bool {
    let is_type = |word: Ident| word.to_string().contains(char::is_lowercase);
    settings::find(&text(name)).is_some()
        && !input.peek(Token![::])
        && !input.fork().call(Ident::parse_any).is_ok_and(is_type)
}

/// `ops` in `Slack as ops`.
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

/// `ops:`
fn name(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    if let Some(name) = name_of_parts(input, errors) {
        return Some(name);
    }
    let named = input.peek2(Token![:]) && !input.peek2(Token![::]);
    let assigned = input.peek2(Token![=]);
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
    let name = input.call(Ident::parse_any).ok()?;
    if assigned {
        let help = format!("write `{}: Slack`", text(&name));
        errors.span(next_span(input), "instances are named with `:`", help);
    }
    value::skip_sign(input);
    Some(name)
}

/// `ops-dev:` or `ops.dev:`
fn name_of_parts(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    let ahead = input.fork();
    let first = ahead.call(Ident::parse_any).ok()?;
    let mut name = text(&first);
    while ahead.parse::<Token![-]>().is_ok() || ahead.parse::<Token![.]>().is_ok() {
        name.push('_');
        name.push_str(&text(&ahead.call(Ident::parse_any).ok()?));
    }
    if name == text(&first) || !ahead.peek(Token![:]) || ahead.peek(Token![::]) {
        return None;
    }
    input.advance_to(&ahead);
    value::skip_sign(input);
    let wrong = "the words of an instance's name are separated by `_`";
    errors.at(&first, wrong, format!("write `{name}: Slack`"));
    Some(invented_at(&name, first.span()))
}

/// `ops` in `ops Slack`, which is no missing comma.
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

/// The adapter's type. Nothing, or an error where the rest of the entry is of no use, after a
/// mistake, which is reported.
fn path(
    input: ParseStream<'_>,
    name: Option<&Ident>,
    errors: &mut Errors,
) -> Result<Option<AdapterPath>, ()> {
    let at = next_span(input);
    if input.is_empty() || input.peek(Token![,]) || input.peek(Token![;]) {
        match name {
            Some(name) => errors.at(
                name,
                format!("instance `{}` needs an adapter", text(name)),
                format!("write `{}: Slack`", text(name)),
            ),
            None => errors.span(
                at,
                "expected an adapter",
                "write `Slack`, or `ops: Slack { … }`",
            ),
        }
        return Err(());
    }
    if input.peek(Token![<]) {
        return qualified(input)
            .map(Some)
            .ok_or_else(|| not_a_path(at, errors));
    }
    let mut tokens = TokenStream::new();
    let mut link = String::new();
    let mut linkable = true;
    let mut last = None;
    loop {
        if let Ok(colons) = input.parse::<Token![::]>() {
            colons.to_tokens(&mut tokens);
            link.push_str("::");
            if input.peek(Token![<]) {
                generics(input, &mut tokens, errors)?;
                link.truncate(link.len() - 2);
                continue;
            }
            if !input.peek(Ident::peek_any) {
                let typed = tokens.to_string().replace(' ', "");
                let wrong = format!("expected a name after `{typed}`");
                errors.at(&tokens, wrong, "write the adapter's type behind it");
                // Keeps the path for the editor, which looks for its end where that will be.
                let last = invented_at("Missing", at);
                last.to_tokens(&mut tokens);
                return Ok(Some(AdapterPath {
                    tokens,
                    last,
                    link: None,
                    half: true,
                }));
            }
        } else if last.is_some() {
            break;
        }
        let Ok(segment) = input.call(Ident::parse_any) else {
            not_a_path(at, errors);
            return Err(());
        };
        let word = segment.to_string();
        if matches!(word.as_str(), "dyn" | "impl" | "fn" | "str") {
            let wrong = format!("`{word}` begins no type of a size that is known");
            errors.at(
                segment,
                wrong,
                "write the path of a struct that implements `Adapter`",
            );
            return Err(());
        }
        if tokens.is_empty() && BUILT_IN.contains(&word.as_str()) && !input.peek(Token![::]) {
            let wrong = "an adapter is written as its type";
            errors.at(segment, wrong, format!("write `{}`", camel(&word)));
            return Err(());
        }
        if last.is_some() && input.peek(syn::token::Paren) && word.starts_with(char::is_lowercase) {
            let adapter = link.trim_end_matches("::");
            let wrong = "an adapter is declared by its type, and logout makes it";
            errors.at(segment, wrong, format!("write `{adapter} {{ … }}`"));
            return Err(());
        }
        linkable &= word != "$crate";
        link.push_str(&word);
        segment.to_tokens(&mut tokens);
        last = Some(segment);
        if input.peek(Token![<]) {
            generics(input, &mut tokens, errors)?;
        }
        if !input.peek(Token![::]) {
            break;
        }
    }
    let last = last.ok_or(())?;
    let link = linkable.then_some(link);
    Ok(Some(AdapterPath {
        tokens,
        last,
        link,
        half: false,
    }))
}

fn not_a_path(at: proc_macro2::Span, errors: &mut Errors) {
    let help = "write `Slack`, or `ops: Slack { … }`";
    errors.span(at, "expected the path of an adapter's type", help);
}

/// `<Alerts as Chosen>::Adapter`
fn qualified(input: ParseStream<'_>) -> Option<AdapterPath> {
    let path: TypePath = input.parse().ok()?;
    Some(AdapterPath {
        last: path.path.segments.last()?.ident.clone(),
        tokens: path.into_token_stream(),
        link: None,
        half: false,
    })
}

/// `<u8>`; an error after a mistake, which is reported.
fn generics(
    input: ParseStream<'_>,
    tokens: &mut TokenStream,
    errors: &mut Errors,
) -> Result<(), ()> {
    let ahead = input.fork();
    let arguments: syn::Result<AngleBracketedGenericArguments> = ahead.parse();
    if let Ok(arguments) = arguments {
        input.advance_to(&ahead);
        arguments.to_tokens(tokens);
        return Ok(());
    }
    let help = "close them with `>`, or remove them";
    errors.span(next_span(input), "these parameters are not whole", help);
    Err(())
}

/// `{ … }`, or what was written for it.
fn braces(input: ParseStream<'_>, instance: &Instance, errors: &mut Errors) -> Option<Group> {
    let group: Group = input.parse().ok()?;
    if group.delimiter() != Delimiter::Brace {
        let name = instance
            .path
            .as_ref()
            .map_or_else(|| "Slack".to_owned(), |path| text(&path.last));
        let wrong = format!("expected braces after `{name}`");
        errors.span(group.span_open(), wrong, format!("write `{name} {{ … }}`"));
    }
    Some(group)
}

/// `topic: "alerts"`
fn option(input: ParseStream<'_>, instance: &mut Instance, errors: &mut Errors) {
    no_attributes(input, "option", errors);
    let at = next_span(input);
    if input.peek(Token![..]) {
        let help = "leave `..` away; what is not written keeps its default";
        errors.span(at, "options are not filled up from another value", help);
        return skip_to_comma(input);
    }
    if let Some(name) = quoted_key(input) {
        let help = format!("write `{}: …`", name.value());
        errors.at(
            name,
            "the name of an option is written without quotes",
            help,
        );
        return skip_to_comma(input);
    }
    let Ok(key) = input.call(Ident::parse_any) else {
        errors.span(
            at,
            "expected the name of an option",
            "write `level: ERROR`, or a field of the adapter",
        );
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
            let value = valued.then(|| value::expression(input, errors));
            let value = value.and_then(value::Written::whole_or_half);
            instance.options.push(AdapterOption { key, sign, value });
        }
    }
}
