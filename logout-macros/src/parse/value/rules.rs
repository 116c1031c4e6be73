//! Lists of rules.

use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Expr, LitStr, Token};

use super::field_names::parse_field;
use super::rule_key::{self, FINGERPRINT};
use super::target::{
    NO_CRATE, TARGET, check_target, fixed_part, from_root, reject_unquoted_pattern,
};
use super::{Key, atom, fingerprints, level, parse_colon, parse_expression, parse_list};
use crate::ast::{Rule, Value, text_literal};
use crate::errors::Errors;
use crate::names::ident_text;
use crate::parse::list::{skip_to_comma, take_until_comma};
use crate::parse::{attribute, next_span};

/// The error for a rule on the level of an event.
pub(super) const COMPARED_LEVEL: &str = "a rule cannot compare levels";

/// Parses `[target: "my_app", user: "bob"]`
pub(super) fn parse_rules(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Value> {
    parse_list(input, key, "rule", errors, |input, errors| {
        parse_rule(input, key, errors)
    })
    .map(Value::Rules)
}

/// Parses `target: "my_app"`
fn parse_rule(input: ParseStream<'_>, setting: Key<'_>, errors: &mut Errors) -> Option<Rule> {
    attribute::reject_attributes(input, "rule", errors);
    if rule_key::reject_logic(input, setting, errors) {
        return None;
    }
    let at = next_span(input);
    let quoted = input.peek(LitStr);
    let key = parse_rule_key(input, setting, errors)?;
    if input.is_empty() || input.peek(Token![,]) {
        let wrong = format!("rule `{key}` needs a value");
        let help = match key.as_str() {
            TARGET | FINGERPRINT | "level" => format!("write `{key}: \"…\"`"),
            _ => format!("write `{TARGET}: \"{key}\"`, or `{key}: \"…\"` for a field"),
        };
        errors.push_at(at, wrong, help);
        return None;
    }
    if input.peek(syn::token::Paren) {
        let field = key.rsplit_once('.').map_or(&*key, |(field, _)| field);
        let wrong = "a rule is a key and a text, and calls nothing";
        errors.push_at(
            at,
            wrong,
            format!("write `{field}: \"…\"`, with the whole text"),
        );
        skip_to_comma(input);
        return None;
    }
    if !parse_colon(input, (&key, at), "rule", "\"…\"", errors)
        || atom::reject_atom_for_text(input, &key, errors)
        || (key == TARGET && reject_unquoted_pattern(input, errors))
        || rule_key::reject_negated_text(input, (&key, at), setting, errors)
    {
        return None;
    }
    let help = format!("write `{key}: \"…\"`");
    let value = parse_expression(input, &help, errors).complete()?;
    require_single_value(input, &key, &value, errors)?;
    require_quoted_text(&key, &value, errors)?;
    if let Some(text) = text_literal(&value) {
        if key == TARGET {
            check_target(text, &setting.name(), errors)?;
        } else if key == "level" && !quoted {
            reject_level_rule(text, errors)?;
        } else if key == FINGERPRINT {
            fingerprints::reject_short_fingerprint(text, errors)?;
        }
    }
    Some(Rule { key, value })
}

/// Parses `target`, `http.status` or `"http.status"`
fn parse_rule_key(input: ParseStream<'_>, setting: Key<'_>, errors: &mut Errors) -> Option<String> {
    let at = next_span(input);
    let quoted = input.peek(LitStr);
    let shape = quoted && !input.peek2(Token![:]);
    let alone: Option<LitStr> = input.fork().parse().ok().filter(|_| shape);
    let Some(key) = parse_field(input).filter(|_| !shape) else {
        errors.push_at(
            at,
            format!("`{setting}` takes rules, each a key and a text"),
            match alone.map(|text| text.value()) {
                Some(text) if text.contains(' ') => format!(
                    "write `{TARGET}: \"my_app::noisy\"` for a module, or `mute: [\"3fa9c1\"]` for one problem"
                ),
                Some(text) if !fixed_part(&text).is_empty() => {
                    format!("write `{TARGET}: \"{}\"`", fixed_part(&text))
                }
                _ => setting.help(),
            },
        );
        skip_to_comma(input);
        return None;
    };
    if input.peek(Token![::]) {
        let path = take_until_comma(input).to_string().replace(' ', "");
        let wrong = format!("`{setting}` takes rules, each a key and a text");
        let path = format!("{key}{path}");
        let target = from_root(&path).unwrap_or(path);
        errors.push_at(at, wrong, format!("write `{TARGET}: \"{target}\"`"));
        return None;
    }
    if let Some(meant) = rule_key::suggest(&key).filter(|_| !quoted) {
        let help = format!("write `{meant}`, or `\"{key}\"` for a field of that name");
        errors.push_at(at, format!("unknown rule `{key}`"), help);
        skip_to_comma(input);
        return None;
    }
    Some(key)
}

/// Reports a list, a range and other values that are not a single text.
fn require_single_value(
    input: ParseStream<'_>,
    key: &str,
    value: &Expr,
    errors: &mut Errors,
) -> Option<()> {
    let help = match value {
        Expr::Range(_) | Expr::Unary(_) => format!("write `{key}: \"…\"`"),
        Expr::Binary(_) => {
            "separate rules by `,`: rules of one key are alternatives, and rules of different keys \
                            must all match"
                .to_owned()
        }
        Expr::Call(call) if is_pattern(&call.func) => {
            match call.args.first().and_then(text_literal) {
                Some(text) if key == TARGET && !fixed_part(&text.value()).is_empty() => {
                    format!("write `{key}: \"{}\"`", fixed_part(&text.value()))
                }
                _ => format!("write `{key}: \"…\"`, with the whole text"),
            }
        }
        Expr::Array(_) | Expr::Tuple(_) => {
            format!("write a rule for each: `{key}: \"…\", {key}: \"…\"`")
        }
        _ => return Some(()),
    };
    errors.push(value, "a rule has one key and one text", help);
    skip_to_comma(input);
    None
}

/// Returns whether this is `regex`, `glob` or `Regex::new`.
fn is_pattern(function: &Expr) -> bool {
    let written = function.to_token_stream().to_string().replace(' ', "");
    let last = written.trim_end_matches("::new").rsplit("::").next();
    last.is_some_and(|last| {
        ["contains", "glob", "regex", "starts_with"].contains(&&*last.to_lowercase())
    })
}

/// Reports a number, a word and a level in place of a text.
fn require_quoted_text(key: &str, value: &Expr, errors: &mut Errors) -> Option<()> {
    let meant = match value {
        value if text_literal(value).is_some() => return Some(()),
        Expr::Lit(literal) => literal.to_token_stream().to_string(),
        _ => match unquoted_text(value) {
            Some(path) => path,
            None => return Some(()),
        },
    };
    let level = level::named(&meant).filter(|_| key == "level");
    let from_root = from_root(&meant).filter(|_| key == TARGET);
    let (wrong, help) = match (level, from_root) {
        (Some(level), _) => (
            COMPARED_LEVEL,
            format!("write `level: {level}` as a setting or an option of an adapter"),
        ),
        (None, Some(target)) => (NO_CRATE, format!("write `{key}: \"{target}\"`")),
        (None, None) => (
            "the value of a rule is text in quotes",
            format!("write `{key}: \"{meant}\"`"),
        ),
    };
    errors.push(value, wrong, help);
    None
}

/// Reports the name of a level in a rule on `level`.
fn reject_level_rule(text: &LitStr, errors: &mut Errors) -> Option<()> {
    let Some(level) = level::named(&text.value()) else {
        return Some(());
    };
    let help = format!(
        "write `level: {level}` as a setting or an option of an adapter, or `\"level\": …` for a field of that name"
    );
    errors.push(text, COMPARED_LEVEL, help);
    None
}

/// Returns the text that was meant by `value`, if it looks like a module or a level.
fn unquoted_text(value: &Expr) -> Option<String> {
    let Expr::Path(path) = value else {
        return None;
    };
    let written = path.to_token_stream().to_string().replace(' ', "");
    let last = ident_text(&path.path.segments.last()?.ident);
    (last.starts_with(char::is_lowercase) || level::named(&written).is_some()).then_some(written)
}
