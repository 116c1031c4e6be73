//! Conversions of names: from types to instances, from instances to variants, and from misspelt
//! names to known ones.

use proc_macro2::{Ident, Span};
use strsim::osa_distance;
use syn::ext::IdentExt;

/// The beginnings of expressions for a text, in lower case.
#[rustfmt::skip]
const EXPRESSION_STARTS: [&str; 10] = [
    "concat", "core", "crate", "env", "include_str", "option_env", "self", "std", "stringify",
    "super",
];

/// Returns the text of an identifier, without `r#`.
pub(crate) fn ident_text(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Returns an identifier for a generated item or field.
pub(crate) fn generated_ident(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// Returns a span at a word of the program, so that errors and editors point there, and not at the
/// whole block.
pub(crate) fn call_site_at(word: Span) -> Span {
    Span::call_site().located_at(word)
}

/// Returns [`generated_ident`] with the span of a word of the program.
pub(crate) fn generated_ident_at(name: &str, word: Span) -> Ident {
    let mut name = generated_ident(name);
    name.set_span(call_site_at(word));
    name
}

/// Returns an identifier for a local variable that the program's expressions cannot see.
pub(crate) fn local_ident(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// Returns whether `name` is a valid identifier.
pub(crate) fn is_identifier(name: &str) -> bool {
    syn::parse_str::<Ident>(name).is_ok()
}

/// Returns whether the word is neither a constant nor the beginning of an expression, such as an
/// `env!` that is being typed.
pub(crate) fn is_unquoted_text(word: &str) -> bool {
    !word.contains(char::is_uppercase)
        && word.starts_with(char::is_lowercase)
        && !EXPRESSION_STARTS
            .iter()
            .any(|beginning| beginning.starts_with(word))
}

/// Converts `PagerDuty` to `pager_duty`, `HTTPHook` to `http_hook`.
pub(crate) fn to_snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let after = letters.get(index + 1);
        let starts_word = letter.is_uppercase()
            && before.is_some_and(|&before| {
                before != '_'
                    && (!before.is_uppercase() || after.is_some_and(|after| after.is_lowercase()))
            });
        if starts_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// Converts `pager_duty` to `PagerDuty`.
pub(crate) fn to_camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        camel.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(letters.as_str());
    }
    camel
}

/// Returns the candidate that `name` was probably meant to be, in whatever case it is written.
pub(crate) fn nearest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = osa_distance(&name, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| {
            let beginning = name.len() > 2 && candidate.to_lowercase().starts_with(&name);
            beginning || *distance <= name.len().max(candidate.len()).max(3) / 3
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::{nearest, to_camel_case, to_snake_case};

    #[test]
    fn a_type_names_its_instance_in_snake_case() {
        for (name, expected) in [
            ("Slack", "slack"),
            ("PagerDuty", "pager_duty"),
            ("HTTPHook", "http_hook"),
            ("Slack2", "slack2"),
            ("Pager_Duty", "pager_duty"),
            ("X", "x"),
        ] {
            assert_eq!(to_snake_case(name), expected);
        }
    }

    #[test]
    fn an_instance_names_its_variant_in_camel_case() {
        for (name, expected) in [("ops", "Ops"), ("pager_duty", "PagerDuty"), ("a1", "A1")] {
            assert_eq!(to_camel_case(name), expected);
        }
    }

    #[test]
    fn a_misspelt_word_finds_the_one_meant_and_a_strange_one_none() {
        let words = ["level", "format", "metadata"];
        assert_eq!(nearest("levle", words), Some("level"));
        assert_eq!(nearest("FORMAT", words), Some("format"));
        assert_eq!(nearest("meta", words), Some("metadata"));
        assert_eq!(nearest("colour", words), None);
    }
}
