//! The setting `mask`: names to add to the default list, and to remove from it.

use proc_macro2::{Ident, Span};
use strsim::osa_distance;
use syn::Token;
use syn::parse::ParseStream;

use super::Key;
use super::field_names::{parse_field, parse_field_alone};
use super::parse_brackets;
use super::rule_key::NEGATIONS;
use crate::errors::Errors;
use crate::names::{ident_text, nearest};
use crate::parse::list::{parse_entries, parse_inside, skip_to_comma, take_until_comma};
use crate::parse::next_span;
use crate::settings::{DEFAULT_MASK, MASK_DEFAULT};

/// Parses `[iban, card.number, -auth]`.
pub(super) fn parse_mask(
    input: ParseStream<'_>,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Vec<String>> {
    let group = parse_brackets(input, key, errors)?;
    if group.stream().is_empty() {
        let wrong = format!("`{key}` adds names to the default list, and this adds none");
        let help = format!(
            "remove it, or write `{key}: [-{MASK_DEFAULT}]` to show the values of all fields"
        );
        errors.push_at(group.span(), wrong, help);
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    parse_inside(&group, |input| {
        parse_entries(input, errors, "field", |input, errors| {
            if reject_pattern(input, errors) || reject_negation(input, errors) {
                return;
            }
            reject_plus(input, errors);
            let minus = input.parse::<Token![-]>().is_ok();
            let at = next_span(input);
            let Some(field) = parse_field_alone(input, key, errors) else {
                return;
            };
            let entry = format!("{}{}", if minus { "-" } else { "" }, field.trim());
            if check_entry(&entry, &names, at, errors) {
                names.push(entry);
            }
        });
    });
    Some(names)
}

/// Reports `*_token` and `card.*`; returns whether it did.
fn reject_pattern(input: ParseStream<'_>, errors: &mut Errors) -> bool {
    let tokens = take_until_comma(&input.fork());
    let written = tokens.to_string().replace(' ', "");
    let name = written.trim_matches(['"', '*', '.', '_', '-']);
    if !written.contains('*') || !name.chars().all(is_part_of_name) || name.is_empty() {
        return false;
    }
    let wrong = "a name has no patterns: it covers every field whose name contains it as a word";
    errors.push(take_until_comma(input), wrong, format!("write `{name}`"));
    true
}

/// Returns whether a field's name may contain this.
fn is_part_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || "_-.".contains(letter)
}

/// Reports `!auth` and `not auth`; returns whether it did.
fn reject_negation(input: ParseStream<'_>, errors: &mut Errors) -> bool {
    let (at, ahead) = (next_span(input), input.fork());
    let negated = ahead.parse::<Token![!]>().is_ok()
        || ahead.parse::<Token![~]>().is_ok()
        || ahead
            .parse::<Ident>()
            .is_ok_and(|word| NEGATIONS.contains(&ident_text(&word).as_str()));
    let Some(field) = parse_field(&ahead).filter(|_| negated) else {
        return false;
    };
    skip_to_comma(input);
    if !check_entry(&format!("-{field}"), &[], at, errors) {
        return true;
    }
    let wrong = "a minus takes a name off the default list";
    errors.push_at(at, wrong, format!("write `-{field}`"));
    true
}

/// Reports and skips the plus of `+iban`.
fn reject_plus(input: ParseStream<'_>, errors: &mut Errors) {
    let at = next_span(input);
    if input.parse::<Token![+]>().is_ok() {
        let name = take_until_comma(&input.fork()).to_string().replace(' ', "");
        errors.push_at(
            at,
            "a name is added without a sign",
            format!("write `{name}`"),
        );
    }
}

/// Checks an entry as `logout` does in files and variables; `added` are the entries before it.
fn check_entry(entry: &str, added: &[String], at: Span, errors: &mut Errors) -> bool {
    let name = entry.strip_prefix('-').unwrap_or(entry);
    let sign = if name == entry { "" } else { "-" };
    if name.is_empty() || !name.chars().all(is_part_of_name) {
        let help = "use letters, digits, `_`, `-` and `.`, and separate names by commas";
        errors.push_at(at, "this is not a field name", help);
        return false;
    }
    if name.eq_ignore_ascii_case(MASK_DEFAULT) {
        return true;
    }
    if osa_distance(&name.to_lowercase(), MASK_DEFAULT) <= 2 {
        let wrong = format!("there is no list `{name}`");
        errors.push_at(at, wrong, format!("write `{sign}{MASK_DEFAULT}`"));
        return false;
    }
    let mut known = DEFAULT_MASK
        .iter()
        .copied()
        .chain(added.iter().map(String::as_str));
    if sign == "-" && !known.any(|known| has_same_words(known, name)) {
        let help = match nearest(name, DEFAULT_MASK.iter().copied()) {
            Some(meant) => format!("write `-{meant}`"),
            None => format!("the list is {}", DEFAULT_MASK.join(", ")),
        };
        let wrong = format!("`{name}` is not in the default list, from which `-` removes names");
        errors.push_at(at, wrong, help);
        return false;
    }
    true
}

/// Returns whether two names are the same apart from case, separators and the plural.
fn has_same_words(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> String {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let (one, other) = (letters(one), letters(other));
    one == other
        || one.strip_suffix('s').is_some_and(|one| one == other)
        || other.strip_suffix('s').is_some_and(|other| other == one)
}
