//! Tokens to [`ast`](crate::ast); goes on after every mistake.

mod adapter;
mod attribute;
mod head;
mod list;
mod value;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token, Visibility};

use self::list::{article, entries, skip_to_comma};
use crate::ast::{Block, Pair};
use crate::errors::Errors;
use crate::names::{invented_at, is_identifier, nearest, snake, text};
use crate::settings::{self, Setting, Shape};

/// Reads `($crate)` and the block; nothing if there is not even a name to generate.
pub(crate) fn block(input: TokenStream, errors: &mut Errors) -> Option<Block> {
    let parser = |input: ParseStream<'_>| {
        let block = head::read(input, errors).map(|(mut block, sound)| {
            body(input, &mut block, sound, errors);
            block
        });
        // Whatever is left has been reported, or stands behind something that has.
        input.parse::<TokenStream>()?;
        Ok(block)
    };
    parser.parse2(input).ok().flatten()
}

/// Reads what follows the name.
fn body(input: ParseStream<'_>, block: &mut Block, sound: bool, errors: &mut Errors) {
    let name = text(&block.name);
    let at = if input.is_empty() {
        block.name.span()
    } else {
        next_span(input)
    };
    let direct = input.peek(syn::token::Brace);
    let parameters = input.peek(Token![<]) || input.peek(Token![where]);
    let group = loop {
        match input.parse::<TokenTree>() {
            Ok(TokenTree::Group(group)) if group.delimiter() != Delimiter::None => {
                break Some(group);
            }
            Ok(_) => {}
            Err(_) => break None,
        }
    };
    let braces = group
        .as_ref()
        .filter(|group| group.delimiter() == Delimiter::Brace);
    if parameters {
        let help = format!("write `struct {name} {{ … }}`");
        errors.span(at, "the struct of a block has no parameters", help);
    } else if !direct {
        let help = format!("write `struct {name} {{ adapters: [Slack] }}`");
        errors.span(at, format!("expected braces after `{name}`"), help);
    }
    if let Some(group) = braces {
        block.braces = group.span();
        list::inside(group, |input| {
            entries(input, errors, "setting", |input, errors| {
                setting(input, block, errors);
            });
        });
        nothing_more(input, sound && direct, errors);
    }
}

/// Reports what follows the block. After a `sound` head a semicolon is a mistake of its own.
fn nothing_more(input: ParseStream<'_>, sound: bool, errors: &mut Errors) {
    let at = next_span(input);
    if input.peek(Token![where]) {
        let help = "remove everything behind the brace";
        errors.span(at, "the struct of a block has no parameters", help);
    } else if input.peek(Token![;]) {
        if sound {
            errors.span(at, "a block ends with its brace", "remove the semicolon");
        }
        skip_one(input);
    } else if !input.is_empty() {
        let help = "write a `logout! { … }` of its own for each struct";
        errors.span(at, "a block declares one struct and nothing else", help);
    }
}

/// Reads `name: value`
fn setting(input: ParseStream<'_>, block: &mut Block, errors: &mut Errors) {
    attribute::none(input, "setting", errors);
    no_visibility(input, errors);
    if no_other_key(input, "setting", errors).is_none() {
        return skip_to_comma(input);
    }
    let at = next_span(input);
    let key = match words(input, errors) {
        Some(key) if is_identifier(&text(&key)) => key,
        _ => {
            errors.span(at, "expected the name of a setting", "write `level: WARN`");
            return skip_to_comma(input);
        }
    };
    let Some((key, setting)) = known(input, key, block, errors) else {
        return skip_to_comma(input);
    };
    let name = (&*text(&key), key.span());
    let valued = value::follows(input, name, "setting", setting.example, errors);
    if setting.shape == Shape::Adapters {
        if valued {
            adapters(input, key, setting, block, errors);
        }
        return;
    }
    let value = valued
        .then(|| value::of(input, &key, setting, errors))
        .flatten();
    block.settings.push(Pair {
        key,
        setting,
        value,
    });
}

/// Reads the list of adapters, once.
fn adapters(
    input: ParseStream<'_>,
    key: Ident,
    setting: &'static Setting,
    block: &mut Block,
    errors: &mut Errors,
) {
    let given = block
        .settings
        .iter()
        .find(|pair| pair.setting.name == setting.name);
    if let Some(first) = given {
        twice(&key, &first.key, "setting", errors);
        return skip_to_comma(input);
    }
    adapter::list(input, &key, &mut block.instances, errors);
    block.settings.push(Pair {
        key,
        setting,
        value: None,
    });
}

/// Returns `first` and what follows it, by `_`, in `first-second`, `first.second` and, where words
/// may stand `apart`, `first second:`; nothing if it is alone.
fn joined(input: ParseStream<'_>, first: &Ident, apart: bool) -> Option<String> {
    let ahead = input.fork();
    let mut name = text(first);
    loop {
        let word = apart && ahead.peek(syn::Ident) && ahead.peek2(Token![:]);
        if !word && ahead.parse::<Token![-]>().is_err() && ahead.parse::<Token![.]>().is_err() {
            break;
        }
        name.push('_');
        name.push_str(&text(&ahead.call(Ident::parse_any).ok()?));
    }
    if name == text(first) {
        return None;
    }
    input.advance_to(&ahead);
    Some(name)
}

/// Reads the key; of several words, which are reported, the one that they make.
fn words(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    let key = input.call(Ident::parse_any).ok()?;
    let ahead = input.fork();
    let Some(name) = joined(&ahead, &key, false).filter(|name| settings::find(name).is_some())
    else {
        return Some(key);
    };
    input.advance_to(&ahead);
    let wrong = "the words of a setting's name are separated by `_`";
    errors.at(&key, wrong, format!("write `{name}`"));
    Some(invented_at(&name, key.span()))
}

/// Returns what the table says about `key`, or about the setting that it was certainly meant to be.
fn known(
    input: ParseStream<'_>,
    key: Ident,
    block: &Block,
    errors: &mut Errors,
) -> Option<(Ident, &'static Setting)> {
    if let Some(setting) = settings::find(&text(&key)) {
        return Some((key, setting));
    }
    unknown(input, &key, errors);
    // So that what the program does with the instances is not wrong as well.
    let meant = nearest(&text(&key), [settings::ADAPTERS]).and_then(settings::find)?;
    let rest: TokenStream = input.fork().parse().ok()?;
    let again = rest
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(word) if word == meant.name));
    let given = |pair: &Pair| pair.setting.name == meant.name;
    let is_list = input.peek2(syn::token::Bracket) && !again && !block.settings.iter().any(given);
    is_list.then(|| (invented_at(meant.name, key.span()), meant))
}

/// Reports `pub` where it makes nothing public.
fn no_visibility(input: ParseStream<'_>, errors: &mut Errors) {
    let at = next_span(input);
    let written: Visibility = input.parse().unwrap_or(Visibility::Inherited);
    if !matches!(written, Visibility::Inherited) {
        let wrong = "a setting belongs to the block and is not made public";
        errors.span(at, wrong, "remove the word, or write it before `struct`");
    }
}

/// Reports `"level": …` and `..defaults` where the key of a setting or an option is meant.
fn no_other_key(input: ParseStream<'_>, kind: &str, errors: &mut Errors) -> Option<()> {
    if let Some(name) = quoted_key(input) {
        let wrong = format!(
            "the name of {} {kind} is written without quotes",
            article(kind)
        );
        let help = format!("write `{}: …`", name.value());
        errors.at(name, wrong, help);
        return None;
    }
    if input.peek(Token![..]) {
        let wrong = format!("{kind}s are not filled up from another value");
        let help = "leave `..` away; what is not written keeps its default";
        errors.span(next_span(input), wrong, help);
        return None;
    }
    Some(())
}

/// Returns `"level"` in `"level": …`.
fn quoted_key(input: ParseStream<'_>) -> Option<LitStr> {
    input
        .peek2(Token![:])
        .then(|| input.fork().parse().ok())
        .flatten()
}

/// Tells what the unknown setting `key` was probably meant to be.
fn unknown(input: ParseStream<'_>, key: &Ident, errors: &mut Errors) {
    let name = text(key);
    let known = settings::SETTINGS.iter().map(|setting| setting.name);
    let named = is_named(input);
    if let Some(entry) = adapter_meant(input, &name) {
        let wrong = "an adapter stands in the list of adapters";
        errors.at(key, wrong, format!("write `adapters: [{entry}]`"));
    } else if value::is_level(&name) && !named {
        let wrong = "a level stands behind the name of its setting";
        errors.at(key, wrong, format!("write `level: {name}`"));
    } else if settings::RUN_TIME.contains(&name.as_str()) {
        let wrong = format!("`{name}` is set when the program starts");
        errors.at(
            key,
            wrong,
            "remove it, and set its variable or its key in `logout.toml`",
        );
    } else if settings::SECRETS.iter().any(|word| name.contains(word)) {
        let wrong = "a secret is not written in the block";
        let help =
            "remove it, and set its variable when the program starts; `env_template()` lists them";
        errors.at(key, wrong, help);
    } else if let Some(meant) = nearest(&name, known.clone()) {
        let help = format!("write `{meant}`");
        errors.at(key, format!("unknown setting `{name}`"), help);
    } else {
        let all: Vec<&str> = known.collect();
        let help = format!("the settings are {}", all.join(", "));
        errors.at(key, format!("unknown setting `{name}`"), help);
    }
}

/// Whether what was read last is a key.
fn is_named(input: ParseStream<'_>) -> bool {
    input.peek(Token![:]) && !input.peek(Token![::])
}

/// Returns the entry of the list of adapters that `key: Path { … }`, `Path { … }` or `path::Path`
/// was meant to be.
fn adapter_meant(input: ParseStream<'_>, name: &str) -> Option<String> {
    let named = is_named(input);
    let written = list::to_comma(&input.fork()).to_string().replace(' ', "");
    let path = written.split('{').next().unwrap_or_default();
    let type_of_value = path
        .trim_start_matches(':')
        .rsplit("::")
        .next()
        .unwrap_or_default();
    let is_type =
        type_of_value.starts_with(char::is_uppercase) && type_of_value.contains(char::is_lowercase);
    let is_setting = || {
        let known = settings::SETTINGS.iter().map(|setting| setting.name);
        nearest(name, known).is_some()
    };
    let is_adapter = if named {
        is_type
            && (written.ends_with('}')
                || (!is_setting()
                    && (snake(type_of_value) == name || adapter::is_built_in(type_of_value))))
    } else {
        path.starts_with("::")
            || (is_type || name.contains(char::is_lowercase))
                && name.starts_with(char::is_uppercase)
    };
    let entry = if named && snake(type_of_value) != name {
        format!("{name}: {}", path.trim_start_matches(':'))
    } else if named {
        path.trim_start_matches(':').to_owned()
    } else {
        format!("{name}{path}")
    };
    let braces = if written.ends_with('}') {
        " { … }"
    } else {
        ""
    };
    is_adapter.then(|| format!("{entry}{braces}"))
}

/// Reports a key that is given again.
pub(crate) fn twice(second: &Ident, first: &Ident, kind: &str, errors: &mut Errors) {
    let name = text(second);
    errors.at(
        second,
        format!("{kind} `{name}` is given twice"),
        "remove one of the two",
    );
    errors.see(first, format!("`{name}` is first given here"));
}

/// Returns where the next token is, or the end of the input.
fn next_span(input: ParseStream<'_>) -> Span {
    let next: Option<TokenTree> = input.fork().parse().ok();
    match next {
        Some(TokenTree::Group(group)) => group.span_open(),
        Some(token) => token.span(),
        None => input.span(),
    }
}

fn skip_one(input: ParseStream<'_>) {
    drop(input.parse::<TokenTree>());
}
