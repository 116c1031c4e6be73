//! Entries of `adapters` in the syntax of other languages.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{AngleBracketedGenericArguments, LitStr, Token};

use super::path::{is_built_in, suggest_quoted};
use crate::ast::AdapterPath;
use crate::built_in::BUILT_IN;
use crate::errors::Errors;
use crate::names::{generated_ident_at, ident_text, is_identifier, to_camel_case, to_snake_case};
use crate::parse::next_span;
use crate::parse::value::{self, atom};

/// The help for a trait object.
pub(super) const OWN_TYPE_HELP: &str = "write the type that implements `Adapter`, such as `Slack`";

/// Types that people put around an adapter.
const WRAPPERS: [&str; 14] = [
    "Arc", "Box", "Cell", "Cow", "Mutex", "Ok", "Option", "Pin", "Rc", "RefCell", "Result",
    "RwLock", "Some", "Vec",
];

/// Parses and reports `Slack: ops`, `Slack = "ops"`, `Slack ops` and `Slack("ops")`.
pub(super) fn parse_reversed(
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> Option<(Ident, AdapterPath)> {
    let ahead = input.fork();
    let written = ahead.call(Ident::parse_any).ok()?;
    let adapter = adapter_name(&written)?;
    let joined = ahead.peek(Token![:]) || ahead.peek(Token![=]) || ahead.peek(Token![->]);
    if ahead.peek(Token![::]) {
        return None;
    }
    let name = if ahead.peek(syn::token::Paren) {
        let group: Group = ahead.parse().ok()?;
        let text: LitStr = syn::parse2(group.stream()).ok()?;
        name_of(&text.value(), &written)
    } else {
        if joined {
            value::skip_separator(&ahead);
        }
        let text = ahead.parse::<LitStr>();
        match text {
            Ok(text) if joined => name_of(&text.value(), &written),
            _ => {
                let name = ahead.call(Ident::parse_any).ok()?;
                is_name(&name).then_some(name)?
            }
        }
    };
    let ends = ahead.is_empty() || ahead.peek(Token![,]) || ahead.peek(syn::token::Brace);
    if !ends {
        return None;
    }
    let braces = if ahead.peek(syn::token::Brace) {
        " { … }"
    } else {
        ""
    };
    input.advance_to(&ahead);
    let help = format!("write `{}: {adapter}{braces}`", ident_text(&name));
    errors.push(&written, "the name goes before the adapter", help);
    let last = generated_ident_at(&adapter, written.span());
    let path = AdapterPath {
        tokens: last.to_token_stream(),
        last,
        link: None,
        incomplete: false,
    };
    Some((name, path))
}

/// Returns the type at the beginning of an entry, if the word looks like one.
fn adapter_name(word: &Ident) -> Option<String> {
    let text = ident_text(word);
    let camel = to_camel_case(&text);
    (is_type_name(&text) || is_built_in(&camel)).then_some(camel)
}

/// Returns whether this looks like the name of a type, and not of a level.
fn is_type_name(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.contains(char::is_lowercase)
}

/// Returns whether this is an instance's name, and no adapter, level or keyword.
fn is_name(word: &Ident) -> bool {
    let text = ident_text(word);
    text.starts_with(char::is_lowercase)
        && is_identifier(&text)
        && !is_built_in(&to_camel_case(&text))
}

/// Returns an instance's name for a text.
fn name_of(text: &str, at: &Ident) -> Ident {
    let words: Vec<_> = text
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let name = to_snake_case(&words.join("_"));
    let name = if is_identifier(&name) {
        name
    } else {
        "ops".to_owned()
    };
    generated_ident_at(&name, at.span())
}

/// Reports `topic: "alerts"` beside the adapters; returns whether it did.
pub(super) fn reject_option(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> bool {
    // `ops: "slack"` is an adapter in quotes.
    if suggest_quoted(input).is_some() {
        return false;
    }
    let option = ident_text(name);
    let mut adapters = BUILT_IN.iter();
    let adapter = adapters.find(|adapter| adapter.option(&option).is_some());
    let adapter = adapter.map_or("Slack", |adapter| adapter.name);
    let wrong = "options go in braces after the type of the adapter";
    errors.push(name, wrong, format!("write `{adapter} {{ {option}: … }}`"));
    true
}

/// Returns the adapters in `Slack`, `vec![Slack]`, `Vec<Slack>` and `{Slack, Discord}`, without the
/// wrapping.
pub(in crate::parse) fn types_in(tokens: TokenStream) -> Vec<String> {
    let mut types = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                let text = ident_text(&word);
                if is_type_name(&text) && !WRAPPERS.contains(&text.as_str()) {
                    types.push(text);
                }
            }
            // The braces of an adapter hold its options.
            TokenTree::Group(group) if types.is_empty() => types.extend(types_in(group.stream())),
            _ => {}
        }
    }
    types
}

/// Reports `{Slack, level: ERROR}` and `[Slack]`, `:slack`, and `&Slack`.
pub(super) fn reject_shape(
    input: ParseStream<'_>,
    name: Option<&Ident>,
    errors: &mut Errors,
) -> Result<(), ()> {
    let at = next_span(input);
    let named = name.map_or_else(String::new, |name| format!("{}: ", ident_text(name)));
    if let Some(atom) = atom::parse_atom(&input.fork()) {
        let adapter = to_camel_case(&atom.word);
        let wrong = "an adapter is written as its type";
        errors.push_at(atom.span(), wrong, format!("write `{named}{adapter}`"));
        return Err(());
    }
    let ahead = input.fork();
    if ahead.parse::<Token![&]>().is_ok() {
        drop(ahead.parse::<syn::Lifetime>());
        drop(ahead.parse::<Token![mut]>());
        let wrong = "an adapter is written as its own type, without `&`";
        let inner = ahead.call(Ident::parse_any).map(|word| ident_text(&word));
        let help = match inner {
            Ok(inner) if inner != "dyn" && inner != "impl" => format!("write `{named}{inner}`"),
            _ => OWN_TYPE_HELP.to_owned(),
        };
        errors.push_at(at, wrong, help);
        return Err(());
    }
    drop(ahead.parse::<Token![%]>());
    let group = ahead.parse::<Group>().ok();
    let Some(group) = group else {
        return Ok(());
    };
    let Some(adapter) = adapter_of(group.stream()) else {
        return Ok(());
    };
    let named = match name_in_front(group.stream()) {
        Some(name) if named.is_empty() => format!("{name}: "),
        _ => named,
    };
    let wrong = "an adapter is its type, and its options follow in braces";
    errors.push_at(at, wrong, format!("write `{named}{adapter}`"));
    Err(())
}

/// Returns the name in `"ops", Slack` and `:ops, Slack`.
fn name_in_front(tokens: TokenStream) -> Option<String> {
    let mut tokens = tokens
        .into_iter()
        .skip_while(|token| token.to_string() == ":");
    let name = tokens.next()?.to_string();
    let name = name.trim_matches('"');
    let is_first = tokens.next().is_some_and(|token| token.to_string() == ",");
    (is_first && name.starts_with(char::is_lowercase) && is_identifier(name))
        .then(|| name.to_owned())
}

/// Returns the correct form of `Slack, level: ERROR`, with braces if options follow.
fn adapter_of(tokens: TokenStream) -> Option<String> {
    let mut adapter = None;
    let mut has_options = false;
    for token in tokens {
        match token {
            TokenTree::Ident(word) if !has_options && is_type_name(&ident_text(&word)) => {
                adapter = Some(ident_text(&word));
            }
            TokenTree::Ident(_) => has_options |= adapter.is_some(),
            TokenTree::Group(group) => {
                has_options |= adapter.is_some() && !group.stream().is_empty();
            }
            _ => {}
        }
    }
    let adapter = adapter?;
    Some(if has_options {
        format!("{adapter} {{ … }}")
    } else {
        adapter
    })
}

/// Reports `Box::new(…)`, `Some(…)` and the like; returns whether it did.
pub(super) fn reject_wrapping(
    input: ParseStream<'_>,
    wrapper: &Ident,
    errors: &mut Errors,
) -> bool {
    if !WRAPPERS.contains(&ident_text(wrapper).as_str()) {
        return false;
    }
    let inside = input.fork().parse::<Group>().ok();
    let adapter = inside.and_then(|group| adapter_of(group.stream()));
    let wrong = format!("an adapter is written as its own type, without `{wrapper}`");
    let help = match adapter {
        Some(adapter) => format!("write `{adapter}`"),
        None => OWN_TYPE_HELP.to_owned(),
    };
    errors.push(wrapper, wrong, help);
    true
}

/// Reports `Box<…>` and the like, of which `segment` was read last.
pub(super) fn reject_wrapper(
    input: ParseStream<'_>,
    segment: &Ident,
    errors: &mut Errors,
) -> Result<(), ()> {
    if input.peek(syn::token::Paren) && reject_wrapping(input, segment, errors) {
        return Err(());
    }
    let wrapper = ident_text(segment);
    if !WRAPPERS.contains(&wrapper.as_str()) || !input.peek(Token![<]) {
        return Ok(());
    }
    let ahead = input.fork();
    let arguments: Option<AngleBracketedGenericArguments> = ahead.parse().ok();
    if arguments.is_some() {
        input.advance_to(&ahead);
    }
    let inner = arguments.map(|arguments| arguments.args.to_token_stream().to_string());
    let inner = inner.filter(|inner| {
        let parts = inner.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        !parts
            .into_iter()
            .any(|word| ["dyn", "impl"].contains(&word) || WRAPPERS.contains(&word))
    });
    let wrong = format!("an adapter is written as its own type, without `{wrapper}`");
    let help = match inner {
        Some(inner) => format!("write `{}`", inner.replace(' ', "")),
        None => OWN_TYPE_HELP.to_owned(),
    };
    errors.push(segment, wrong, help);
    Err(())
}
