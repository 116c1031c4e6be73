//! Tokens to [`ast`](crate::ast); goes on after every mistake.

mod adapter;
mod list;
mod value;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitStr, Token, Visibility};

use self::list::{entries, skip_to_comma};
use crate::ast::{Block, Pair};
use crate::errors::Errors;
use crate::names::{nearest, text};
use crate::settings::{self, Shape};

const SHAPE_OF_A_BLOCK: &str = "write `logout! { pub struct Alerts { adapters: [Slack] } }`";

/// `($crate)` and the block; nothing if there is not even a name to generate.
pub(crate) fn block(input: TokenStream, errors: &mut Errors) -> Option<Block> {
    let parser = |input: ParseStream<'_>| {
        let block = head(input, errors);
        // Whatever is left has been reported, or stands behind something that has.
        input.parse::<TokenStream>()?;
        Ok(block)
    };
    parser.parse2(input).ok().flatten()
}

fn head(input: ParseStream<'_>, errors: &mut Errors) -> Option<Block> {
    let library = input.parse::<Group>().ok()?.stream();
    let attributes = attributes(input, errors);
    let visibility = input.parse().unwrap_or(Visibility::Inherited);
    let told = errors.count();
    let keyword = keyword(input, errors);
    // Without `struct` a word before a colon is a setting's and no name for items.
    if input.is_empty() || (errors.count() > told && input.peek2(Token![:])) {
        return None;
    }
    let name: Ident = match input.parse() {
        Ok(name) => name,
        Err(_) => {
            let at = next_span(input);
            if errors.count() == told {
                errors.span(at, "expected the name of the struct", SHAPE_OF_A_BLOCK);
            }
            return None;
        }
    };
    let mut block = Block {
        library,
        attributes,
        visibility,
        keyword,
        braces: name.span(),
        name,
        settings: Vec::new(),
        instances: Vec::new(),
    };
    attributes_of_block(&mut block, errors);
    body(input, &mut block, errors);
    Some(block)
}

/// The word `struct`, or what was written for it.
fn keyword(input: ParseStream<'_>, errors: &mut Errors) -> Token![struct] {
    if !input.peek(Token![struct]) {
        let at = next_span(input);
        errors.span(at, "expected `struct` and a name", SHAPE_OF_A_BLOCK);
        let rest = input.fork();
        while !rest.is_empty() && !rest.peek(Token![struct]) {
            skip_one(&rest);
        }
        if rest.peek(Token![struct]) {
            input.advance_to(&rest);
        } else if input.peek(Token![enum]) || input.peek(Token![mod]) || input.peek(Token![fn]) {
            skip_one(input);
        }
    }
    input.parse().unwrap_or_default()
}

/// What follows the name.
fn body(input: ParseStream<'_>, block: &mut Block, errors: &mut Errors) {
    let name = text(&block.name);
    if input.peek(Token![<]) || input.peek(Token![where]) {
        let at = next_span(input);
        let help = format!("write `struct {name} {{ … }}`");
        errors.span(at, "the struct of a block has no parameters", help);
        while !input.is_empty() && !input.peek(syn::token::Brace) {
            skip_one(input);
        }
    }
    let help = format!("write `struct {name} {{ adapters: [Slack] }}`");
    match input.parse::<Group>() {
        Ok(group) if group.delimiter() == Delimiter::Brace => {
            block.braces = group.span();
            list::inside(&group, |input| {
                entries(input, errors, "setting", |input, errors| {
                    setting(input, block, errors);
                });
            });
            nothing_more(input, errors);
        }
        Ok(group) => errors.span(
            group.span_open(),
            format!("expected braces after `{name}`"),
            help,
        ),
        Err(_) => errors.at(&block.name, format!("expected braces after `{name}`"), help),
    }
}

fn nothing_more(input: ParseStream<'_>, errors: &mut Errors) {
    let at = next_span(input);
    if input.peek(Token![;]) {
        errors.span(at, "a block ends with its brace", "remove the semicolon");
        skip_one(input);
    } else if !input.is_empty() {
        let help = "write a `logout! { … }` of its own for each struct";
        errors.span(at, "a block declares one struct and nothing else", help);
    }
}

fn attributes_of_block(block: &mut Block, errors: &mut Errors) {
    block.attributes.retain(|attribute| {
        let derive = attribute.path().is_ident("derive");
        if derive {
            let wrong = "nothing can be derived for the struct of a block";
            errors.at(
                attribute,
                wrong,
                "remove the attribute; `Debug` is implemented already",
            );
        }
        !derive
    });
}

/// `name: value`
fn setting(input: ParseStream<'_>, block: &mut Block, errors: &mut Errors) {
    no_attributes(input, "setting", errors);
    no_visibility(input, errors);
    if let Some(name) = quoted_key(input) {
        let help = format!("write `{}: …`", name.value());
        errors.at(
            name,
            "the name of a setting is written without quotes",
            help,
        );
        return skip_to_comma(input);
    }
    let Ok(key) = input.call(Ident::parse_any) else {
        let at = next_span(input);
        errors.span(at, "expected the name of a setting", "write `level: WARN`");
        return skip_to_comma(input);
    };
    let Some(setting) = settings::find(&text(&key)) else {
        unknown(input, &key, errors);
        return skip_to_comma(input);
    };
    if !value::follows(
        input,
        (&text(&key), key.span()),
        "setting",
        setting.example,
        errors,
    ) {
        if setting.shape != Shape::Adapters {
            block.settings.push(Pair {
                key,
                setting,
                value: None,
            });
        }
        return;
    }
    if setting.shape == Shape::Adapters {
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
    } else {
        let value = value::of(input, &key, setting, errors);
        block.settings.push(Pair {
            key,
            setting,
            value,
        });
    }
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

/// `"level"` in `"level": …`.
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
    let named = input.peek(Token![:]) && !input.peek(Token![::]);
    // `key: Path { … }`, `Path { … }` or `path::Path`
    let rest: TokenStream = list::to_comma(&input.fork());
    let written = rest.to_string().replace(' ', "");
    let path = written.split('{').next().unwrap_or_default();
    let type_of_value = path
        .trim_start_matches(':')
        .rsplit("::")
        .next()
        .unwrap_or_default();
    let is_adapter = if named {
        written.ends_with('}') && type_of_value.starts_with(char::is_uppercase)
    } else {
        path.starts_with("::") || name.starts_with(char::is_uppercase)
    };
    if is_adapter {
        let wrong = "an adapter stands in the list of adapters";
        let name = if named {
            format!("{name}: {}", path.trim_start_matches(':'))
        } else {
            format!("{name}{path}")
        };
        let braces = if written.ends_with('}') {
            " { … }"
        } else {
            ""
        };
        errors.at(key, wrong, format!("write `adapters: [{name}{braces}]`"));
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

/// `#[…]` and documentation.
fn attributes(input: ParseStream<'_>, errors: &mut Errors) -> Vec<Attribute> {
    let mut whole = Vec::new();
    while input.peek(Token![#]) {
        let at = next_span(input);
        let mut tokens: TokenStream = input.parse::<TokenTree>().into_iter().collect();
        tokens.extend(input.parse::<Token![!]>().map(ToTokens::into_token_stream));
        if input.peek(syn::token::Bracket) {
            tokens.extend(input.parse::<TokenTree>());
        }
        match Attribute::parse_outer.parse2(tokens) {
            Ok(attributes) => whole.extend(attributes),
            Err(_) => {
                let help = "write `#[cfg(…)]`, or remove it";
                errors.span(at, "this is no whole attribute", help);
            }
        }
    }
    whole
}

/// Reports attributes where none are taken.
fn no_attributes(input: ParseStream<'_>, kind: &str, errors: &mut Errors) {
    for attribute in attributes(input, errors) {
        let help = if attribute.path().is_ident("doc") {
            "write a comment with two slashes; documentation goes before the struct or an instance"
        } else {
            "`#[cfg(…)]` can stand before the struct and before an instance in `adapters`"
        };
        errors.at(
            attribute,
            format!("attributes are not taken before {kind}s"),
            help,
        );
    }
}

/// Where the next token is, or the end of the input.
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
