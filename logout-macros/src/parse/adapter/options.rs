//! The options of an entry, in its braces.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, Lit, LitStr, Token};

use crate::ast::{AdapterPath, Pair, ParsedInstance, ParsedOption};
use crate::errors::Errors;
use crate::names::{generated_ident_at, ident_text, nearest};
use crate::parse::list::{self, parse_entries, parse_inside, skip_to_comma};
use crate::parse::{
    attribute, join_words, next_span, other_name_of_option, require_plain_key, value,
};
use crate::settings;

/// Parses `{ topic: "alerts", level: ERROR }`
pub(super) fn parse_options(
    input: ParseStream<'_>,
    instance: &mut ParsedInstance,
    errors: &mut Errors,
) {
    if let Some(group) = parse_braces(input, instance, errors) {
        parse_inside(&group, |input| {
            parse_entries(input, errors, "option", |input, errors| {
                parse_option(input, instance, errors);
            });
        });
    }
}

/// Parses `{ … }`, or what is in its place.
fn parse_braces(
    input: ParseStream<'_>,
    instance: &ParsedInstance,
    errors: &mut Errors,
) -> Option<Group> {
    let name = AdapterPath::name(instance.path.as_ref());
    let ahead = input.fork();
    let before = next_span(input);
    let joined = ahead.parse::<Token![where]>().is_ok();
    if let Ok(word) = ahead.call(Ident::parse_any)
        && ahead.peek(Token![:])
        && (settings::find_option(&ident_text(&word)).is_some()
            && !peek_adapter_after_colon(&ahead)
            || peek_literal_after_colon(&ahead))
    {
        let wrong = format!("expected braces after `{name}`");
        let at = if joined { before } else { word.span() };
        errors.push_at(at, wrong, format!("write `{name} {{ {word}: … }}`"));
        skip_to_comma(input);
        return None;
    }
    let group: Group = input.parse().ok()?;
    if group.delimiter() != Delimiter::Brace {
        let wrong = format!("expected braces after `{name}`");
        errors.push_at(group.span_open(), wrong, format!("write `{name} {{ … }}`"));
    }
    Some(group)
}

/// Returns whether an adapter follows the colon, and not the value of an option.
fn peek_adapter_after_colon(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Token![:]>().is_ok()
        && ahead
            .call(Ident::parse_any)
            .is_ok_and(|word| ident_text(&word).contains(char::is_lowercase))
}

/// Returns whether a literal follows the colon, and not an adapter.
fn peek_literal_after_colon(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Token![:]>().is_ok() && ahead.peek(Lit)
}

/// Parses `topic: "alerts"`
fn parse_option(input: ParseStream<'_>, instance: &mut ParsedInstance, errors: &mut Errors) {
    attribute::reject_attributes(input, "option", errors);
    if input.is_empty() {
        return;
    }
    let Some(key) = parse_key(input, errors) else {
        return skip_to_comma(input);
    };
    let colon = next_span(input);
    let setting = settings::find_option(&ident_text(&key));
    let example = setting.map_or("…", |setting| setting.example);
    let valued = value::parse_colon(
        input,
        (&ident_text(&key), key.span()),
        "option",
        example,
        errors,
    );
    match setting {
        Some(setting) => {
            let value = valued
                .then(|| value::parse_value(input, &key, setting, errors))
                .flatten();
            instance.settings.push(Pair {
                key,
                setting,
                value,
            });
        }
        None => {
            let value = valued.then(|| {
                if let Some(text) = reject_unquoted_text(input, errors) {
                    return text;
                }
                if value::atom::reject_atom_for_text(input, &ident_text(&key), errors) {
                    return value::ParsedExpr::Partial(None);
                }
                value::parse_expression(input, value::COMPLETE_HELP, errors)
            });
            let value = value.and_then(value::ParsedExpr::complete_or_partial);
            instance.options.push(ParsedOption { key, colon, value });
        }
    }
}

/// Parses `topic`
fn parse_key(input: ParseStream<'_>, errors: &mut Errors) -> Option<Ident> {
    require_plain_key(input, "option", errors)?;
    let at = next_span(input);
    if input.peek2(syn::Ident) && !input.peek(syn::Ident) {
        let word: Option<TokenTree> = input.parse().ok();
        errors.push(word, "an option is a name and a value", "remove the word");
    }
    let Ok(key) = input.call(Ident::parse_any) else {
        errors.push_at(
            at,
            "expected the name of an option",
            "write `level: ERROR`, or a field of the adapter",
        );
        return None;
    };
    if input.is_empty() || input.peek(Token![,]) {
        let level = ident_text(&key);
        if value::is_level_name(&level) {
            let wrong = "a level needs the name of its option";
            errors.push(key, wrong, format!("write `level: {level}`"));
            return None;
        }
    }
    Some(match join_words(input, &key, false) {
        Some(name) => {
            let wrong = "the words of an option's name are separated by `_`";
            errors.push(&key, wrong, format!("write `{name}`"));
            generated_ident_at(&name, key.span())
        }
        None => correct_option(input, key, errors),
    })
}

/// Returns the option of every adapter that was certainly meant by `key`, because no field could
/// have its value; otherwise `key`.
fn correct_option(input: ParseStream<'_>, key: Ident, errors: &mut Errors) -> Ident {
    let name = ident_text(&key);
    let meant =
        other_name_of_option(&name).or_else(|| nearest(&name, settings::OPTIONS.iter().copied()));
    let Some(meant) = meant else {
        return key;
    };
    let value = input.fork();
    let certain = meant != name
        && value.parse::<Token![:]>().is_ok()
        && match meant {
            "level" | "max_level" | "remind_from" => value
                .parse::<Ident>()
                .is_ok_and(|word| value::is_level_name(&ident_text(&word))),
            "format" => value
                .parse::<LitStr>()
                .is_ok_and(|text| text.value().contains("$message")),
            _ => value.peek(syn::token::Bracket) && value.parse::<Expr>().is_err(),
        };
    if !certain {
        return key;
    }
    let wrong = format!("unknown option `{name}`");
    errors.push(&key, wrong, format!("write `{meant}`"));
    generated_ident_at(meant, key.span())
}

/// Reports `#alerts`, `@ops` and `$WEBHOOK`.
fn reject_unquoted_text(input: ParseStream<'_>, errors: &mut Errors) -> Option<value::ParsedExpr> {
    if input.peek(Token![$]) {
        let wrong = "a block does not read variables: they are read when the program starts";
        let help = "remove the option; `env_template()` lists the variables that set it";
        errors.push(list::take_until_comma(input), wrong, help);
        return Some(value::ParsedExpr::Partial(None));
    }
    let is_sign = |input: ParseStream<'_>| input.peek(Token![#]) || input.peek(Token![@]);
    let ahead = input.fork();
    let is_mention =
        ahead.parse::<Token![<]>().is_ok() && (is_sign(&ahead) || ahead.peek(Token![!]));
    if !is_sign(input) && !is_mention {
        return None;
    }
    let tokens = list::take_until_comma(input);
    let text = tokens.to_string().replace(' ', "");
    let help = format!("write `\"{text}\"`");
    errors.push(tokens, "text is written in quotes", help);
    Some(value::ParsedExpr::Partial(None))
}
