//! Wrong keys of rules: negations, groups, and other names of a target.

use proc_macro2::{Ident, Span, TokenTree};
use strsim::osa_distance;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{LitStr, Token};

use super::Key;
use super::rules::COMPARED_LEVEL;
use super::shape_check::Mistake;
use super::target::TARGET;
use crate::errors::Errors;
use crate::names::ident_text;
use crate::parse::list::{skip_to_comma, take_until_comma};
use crate::parse::next_span;
use crate::settings::{IGNORE, METADATA_FILTER};

/// The key of a rule on the problem, or on the field in which a program names it.
pub(super) const FINGERPRINT: &str = "fingerprint";

/// Names of a target in other libraries.
const OTHER_TARGETS: [&str; 5] = ["application", "module", "module_path", "crate", "otp_app"];

/// Words of negation elsewhere.
pub(super) const NEGATIONS: [&str; 6] = ["not", "unless", "except", "without", "exclude", "no"];

/// Reports `not target: "…"`, `!target: "…"`, `target != "…"` and `any(…)`.
pub(super) fn reject_logic(input: ParseStream<'_>, setting: Key<'_>, errors: &mut Errors) -> bool {
    let at = next_span(input);
    let ahead = input.fork();
    let first = ahead.parse::<TokenTree>().map(|token| token.to_string());
    let first = first.unwrap_or_default();
    let is_negated = match first.as_str() {
        "!" | "-" | "^" | "~" => true,
        word if NEGATIONS.contains(&word) => !ahead.peek(Token![:]) && !ahead.peek(Token![=]),
        _ => ahead.peek(Token![!=]),
    };
    let is_group = ["any", "all", "or", "and"].contains(&first.as_str())
        && (ahead.peek(syn::token::Paren) || ahead.peek(syn::token::Bracket));
    let is_pattern = (ahead.peek(Token![=]) || ahead.peek(Token![!])) && ahead.peek2(Token![~]);
    let is_compared =
        is_pattern || ahead.peek(Token![<]) || ahead.peek(Token![>]) || ahead.peek(Token![~]);
    if let Some(target) = listed_target(input, setting) {
        let wrong = format!("`{setting}` takes rules, each a key and a text");
        errors.push_at(at, wrong, format!("write `{TARGET}: \"{target}\"`"));
    } else if is_negated {
        report_negation(at, &positive(input), setting, errors);
    } else if is_compared && first == "level" {
        let help = "write `level: WARN` as a setting or an option of an adapter";
        errors.push_at(at, COMPARED_LEVEL, help);
    } else if is_compared {
        let wrong = "a rule matches one value";
        errors.push_at(
            at,
            wrong,
            format!("write `{first}: \"…\"`, with the value as text"),
        );
    } else if is_group {
        let wrong = "rules are not nested";
        let help = "write them side by side: rules of one key are alternatives, and rules of different \
                    keys must all match";
        errors.push_at(at, wrong, help);
    } else {
        return false;
    }
    skip_to_comma(input);
    true
}

/// Returns the target in `- hyper`, which in a list of ignored targets is no negation.
fn listed_target(input: ParseStream<'_>, setting: Key<'_>) -> Option<String> {
    let ahead = input.fork();
    ahead.parse::<Token![-]>().ok()?;
    let rest = take_until_comma(&ahead).to_string().replace(' ', "");
    let is_path = |letter: char| letter.is_alphanumeric() || "_:".contains(letter);
    let alone = setting.name() == IGNORE && rest.chars().all(is_path) && !rest.ends_with(':');
    let is_rule = rest.split("::").any(|part| part.contains(':'));
    (alone && !is_rule && !rest.is_empty()).then_some(rest)
}

/// Reports `target: not "hyper"` after its key was read; returns whether it did.
pub(super) fn reject_negated_text(
    input: ParseStream<'_>,
    (key, at): (&str, Span),
    setting: Key<'_>,
    errors: &mut Errors,
) -> bool {
    let ahead = input.fork();
    let first = ahead.parse::<TokenTree>().map(|token| token.to_string());
    let first = first.unwrap_or_default();
    let Ok(text) = ahead.parse::<LitStr>() else {
        return false;
    };
    if first != "!" && !NEGATIONS.contains(&first.as_str()) {
        return false;
    }
    report_negation(at, &format!("{key}: \"{}\"", text.value()), setting, errors);
    skip_to_comma(input);
    true
}

fn report_negation(at: Span, rule: &str, setting: Key<'_>, errors: &mut Errors) {
    let (wrong, help) = negation(rule, &setting.name());
    errors.push_at(at, wrong, help);
}

/// Returns what is wrong with a negated rule in either list of rules, and what to write.
pub(super) fn negation(rule: &str, setting: &str) -> Mistake {
    let (meant, does) = match setting {
        METADATA_FILTER => (IGNORE, "which drops the events that match"),
        _ => (METADATA_FILTER, "which keeps only the events that match"),
    };
    let help = format!("write `{meant}: [{rule}]`, {does}");
    ("a rule cannot be negated".to_owned(), help)
}

/// Returns the rule without its negation.
fn positive(input: ParseStream<'_>) -> String {
    let ahead = input.fork();
    let mut key = TARGET.to_owned();
    let mut value = None;
    let mut group = None;
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        if let Ok(text) = ahead.parse::<LitStr>() {
            value = value.or(Some(text.value()));
        } else if let Ok(word) = ahead.call(Ident::parse_any) {
            if !NEGATIONS.contains(&ident_text(&word).as_str()) && value.is_none() {
                key = ident_text(&word);
            }
        } else if let Ok(TokenTree::Group(inside)) = ahead.parse::<TokenTree>() {
            group = group.or(Some(inside));
        }
    }
    // The rule in `not(target: "hyper")`.
    let inside = group.map(|group| group.stream().to_string().replace(" :", ":"));
    match (value, inside) {
        (None, Some(inside)) => inside,
        // `-hyper`
        (None, None) => format!("{TARGET}: \"{key}\""),
        (Some(value), _) => format!("{key}: \"{value}\""),
    }
}

/// Returns the key that was meant by `key`, if it is a synonym or a misspelling of a key that is no
/// field.
pub(super) fn suggest(key: &str) -> Option<&'static str> {
    if OTHER_TARGETS.contains(&key) {
        return Some(TARGET);
    }
    [TARGET, FINGERPRINT]
        .into_iter()
        .find(|known| osa_distance(key, known) == 1)
}
