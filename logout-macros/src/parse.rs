//! The parser, from tokens to the [`ast`](crate::ast); it continues after every mistake.

mod adapter;
mod attribute;
mod head;
mod list;
mod other_libraries;
mod toml;
mod unknown;
mod value;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token, Visibility};

use self::list::{article, parse_entries, skip_to_comma};
pub(crate) use self::unknown::{
    not_needed, other_name_of_option, report_run_time_key, report_secret,
};
pub(crate) use self::value::shell_variable;
use crate::ast::{Block, Pair};
use crate::errors::Errors;
use crate::names::{generated_ident_at, ident_text, is_identifier, nearest};
use crate::settings::{self, Setting, Shape};

/// Parses `($crate)` and the block; `None` if there is no name to generate items for.
pub(crate) fn block(input: TokenStream, errors: &mut Errors) -> Option<Block> {
    let parser = |input: ParseStream<'_>| {
        let block = head::parse(input, errors).map(|(mut block, head_is_valid)| {
            parse_body(input, &mut block, head_is_valid, errors);
            block
        });
        // Anything left has been reported, or follows something that has.
        input.parse::<TokenStream>()?;
        Ok(block)
    };
    parser.parse2(input).ok().flatten()
}

/// Parses the block after its name.
fn parse_body(input: ParseStream<'_>, block: &mut Block, head_is_valid: bool, errors: &mut Errors) {
    let name = ident_text(&block.name);
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
        let help = format!("write `struct {name} {{ … }}`, and name concrete types in `adapters`");
        errors.push_at(at, "the struct of a block has no type parameters", help);
    } else if !direct {
        let help = format!("write `struct {name} {{ adapters: [Slack] }}`");
        errors.push_at(at, format!("expected braces after `{name}`"), help);
    }
    if let Some(group) = braces {
        block.braces = group.span();
        list::parse_inside(group, |input| {
            parse_entries(input, errors, "setting", |input, errors| {
                parse_setting(input, block, errors);
            });
        });
        reject_trailing(input, head_is_valid && direct, errors);
    }
}

/// Reports tokens after the block. After a valid head a semicolon is a mistake of its own.
fn reject_trailing(input: ParseStream<'_>, head_is_valid: bool, errors: &mut Errors) {
    let at = next_span(input);
    if input.peek(Token![where]) {
        let help = "remove everything after the brace";
        errors.push_at(at, "the struct of a block has no type parameters", help);
    } else if input.peek(Token![;]) {
        if head_is_valid {
            errors.push_at(at, "a block ends with its brace", "remove the semicolon");
        }
        skip_token(input);
    } else if !input.is_empty() {
        let rest: TokenStream = input.fork().parse().unwrap_or_default();
        let mut rest = rest.into_iter();
        let help = if rest.any(|token| matches!(token, TokenTree::Ident(word) if word == "struct"))
        {
            "write one `logout! { … }` for each struct"
        } else {
            "write it outside of `logout! { … }`"
        };
        errors.push_at(at, "a block declares one struct and nothing else", help);
    }
}

/// Parses `name: value`
fn parse_setting(input: ParseStream<'_>, block: &mut Block, errors: &mut Errors) {
    if reject_second_list(input, block, errors) || toml::reject_table(input, errors) {
        return;
    }
    attribute::reject_attributes(input, "setting", errors);
    if input.is_empty() {
        return;
    }
    reject_visibility(input, errors);
    if require_plain_key(input, "setting", errors).is_none() {
        return skip_to_comma(input);
    }
    let at = next_span(input);
    let key = match parse_key(input, errors) {
        Some(key) if is_identifier(&ident_text(&key)) => key,
        Some(key) if ITEMS.contains(&ident_text(&key).as_str()) && !input.peek(Token![:]) => {
            let wrong = "a block has settings and no other items";
            errors.push_at(at, wrong, "write it outside of `logout! { … }`");
            skip_to_comma(input);
            if input.parse::<Token![;]>().is_ok() && !input.is_empty() {
                parse_setting(input, block, errors);
            }
            return;
        }
        _ => {
            errors.push_at(at, "expected the name of a setting", "write `level: WARN`");
            return skip_to_comma(input);
        }
    };
    let Some((key, setting)) = resolve_setting(input, key, block, errors) else {
        return skip_to_comma(input);
    };
    let name = (&*ident_text(&key), key.span());
    let valued = value::parse_colon(input, name, "setting", setting.example, errors);
    if setting.shape == Shape::Adapters {
        if valued {
            parse_adapters(input, key, setting, block, errors);
        }
        return;
    }
    let value = valued
        .then(|| value::parse_value(input, &key, setting, errors))
        .flatten();
    block.settings.push(Pair {
        key,
        setting,
        value,
    });
}

/// The keywords at the beginning of items.
const ITEMS: [&str; 9] = [
    "const", "enum", "fn", "impl", "let", "static", "trait", "type", "use",
];

/// Reports `[Discord]` after the list of adapters; returns whether it did.
fn reject_second_list(input: ParseStream<'_>, block: &Block, errors: &mut Errors) -> bool {
    let mut given = block.settings.iter();
    let is_list = input.peek(syn::token::Bracket)
        && given.any(|pair| pair.setting.shape == Shape::Adapters)
        && !adapter::types_in(list::take_until_comma(&input.fork())).is_empty();
    if is_list {
        report_lists(next_span(input), errors);
        skip_to_comma(input);
    }
    is_list
}

fn report_lists(at: Span, errors: &mut Errors) {
    let help = "write all of them in its brackets: `adapters: [Slack, Discord]`";
    errors.push_at(at, "`adapters` takes one list", help);
}

/// Parses the list of adapters, and rejects a second one.
fn parse_adapters(
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
        report_duplicate(&key, &first.key, "setting", errors);
        return skip_to_comma(input);
    }
    adapter::parse_list(input, &key, &mut block.instances, errors);
    if input.peek(Token![+]) {
        report_lists(next_span(input), errors);
        skip_to_comma(input);
    } else if input.peek(Token![.]) {
        let wrong = "nothing follows the list of adapters";
        errors.push_at(
            next_span(input),
            wrong,
            "write `,` after its bracket, and nothing else",
        );
        skip_to_comma(input);
    }
    block.settings.push(Pair {
        key,
        setting,
        value: None,
    });
}

/// Joins `first` and what follows it with `_`: `first-second`, `first.second` and, if words may be
/// `apart`, `first second:` and `first::second`. `None` if it is a single word.
fn join_words(input: ParseStream<'_>, first: &Ident, apart: bool) -> Option<String> {
    let ahead = input.fork();
    let mut name = ident_text(first);
    loop {
        let is_apart = apart
            && (ahead.peek(syn::Ident) && ahead.peek2(Token![:])
                || ahead.parse::<Token![::]>().is_ok());
        if !is_apart && ahead.parse::<Token![-]>().is_err() && ahead.parse::<Token![.]>().is_err() {
            break;
        }
        name.push('_');
        name.push_str(&ident_text(&ahead.call(Ident::parse_any).ok()?));
    }
    if name == ident_text(first) {
        return None;
    }
    input.advance_to(&ahead);
    Some(name)
}

/// Parses the key; several words are reported, and joined.
fn parse_key(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    let key = input.call(Ident::parse_any).ok()?;
    let ahead = input.fork();
    let Some(name) = join_words(&ahead, &key, false).filter(|name| settings::find(name).is_some())
    else {
        return Some(key);
    };
    input.advance_to(&ahead);
    let wrong = "the words of a setting's name are separated by `_`";
    errors.push(&key, wrong, format!("write `{name}`"));
    Some(generated_ident_at(&name, key.span()))
}

/// Returns the setting of this name, or the one that was certainly meant.
fn resolve_setting(
    input: ParseStream<'_>,
    key: Ident,
    block: &Block,
    errors: &mut Errors,
) -> Option<(Ident, &'static Setting)> {
    if let Some(setting) = settings::find(&ident_text(&key)) {
        return Some((key, setting));
    }
    unknown::report(input, &key, block, errors);
    // Without them, the program's uses of the instances would be errors too.
    let meant = nearest(&ident_text(&key), [settings::ADAPTERS]).and_then(settings::find)?;
    let rest: TokenStream = input.fork().parse().ok()?;
    let again = rest
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(word) if word == meant.name));
    let given = |pair: &Pair| pair.setting.name == meant.name;
    let is_list = input.peek2(syn::token::Bracket) && !again && !block.settings.iter().any(given);
    is_list.then(|| (generated_ident_at(meant.name, key.span()), meant))
}

/// Reports `pub` where it has no effect.
fn reject_visibility(input: ParseStream<'_>, errors: &mut Errors) {
    let at = next_span(input);
    let written: Visibility = input.parse().unwrap_or(Visibility::Inherited);
    if !matches!(written, Visibility::Inherited) {
        let wrong = "a setting cannot be public";
        errors.push_at(at, wrong, "remove the word, or write it before `struct`");
    }
}

/// Reports `"level": …` and `..defaults` in place of a key.
fn require_plain_key(input: ParseStream<'_>, kind: &str, errors: &mut Errors) -> Option<()> {
    if let Some(name) = peek_quoted_key(input) {
        let wrong = format!(
            "the name of {} {kind} is written without quotes",
            article(kind)
        );
        let help = format!("write `{}: …`", name.value());
        errors.push(name, wrong, help);
        return None;
    }
    if input.peek(Token![..]) {
        let wrong = format!("{kind}s cannot be taken from another value");
        let help = "remove `..`; what you do not write keeps its default";
        errors.push_at(next_span(input), wrong, help);
        return None;
    }
    Some(())
}

/// Returns `"level"` in `"level": …`.
fn peek_quoted_key(input: ParseStream<'_>) -> Option<LitStr> {
    input
        .peek2(Token![:])
        .then(|| input.fork().parse().ok())
        .flatten()
}

/// Reports a repeated key.
pub(crate) fn report_duplicate(second: &Ident, first: &Ident, kind: &str, errors: &mut Errors) {
    let name = ident_text(second);
    errors.push(
        second,
        format!("{kind} `{name}` is set twice"),
        "remove one of the two",
    );
    errors.push_note(first, format!("`{name}` is first set here"));
}

/// Returns the span of the next token, or of the end.
fn next_span(input: ParseStream<'_>) -> Span {
    let next: Option<TokenTree> = input.fork().parse().ok();
    match next {
        Some(TokenTree::Group(group)) => group.span_open(),
        Some(token) => token.span(),
        None => input.span(),
    }
}

fn skip_token(input: ParseStream<'_>) {
    drop(input.parse::<TokenTree>());
}
