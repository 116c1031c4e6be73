//! Targets of rules, which are modules without patterns.

use quote::ToTokens;
use syn::LitStr;
use syn::parse::ParseStream;

use super::level;
use super::rule_key::negation;
use super::shape_check::Mistake;
use crate::errors::Errors;
use crate::parse::list::{skip_to_comma, take_until_comma};

/// The key of a rule on the module, and not on a field.
pub(super) const TARGET: &str = "target";

const NO_PATTERNS: &str = "a target has no patterns: it stands for the module and everything in it";

/// The error for `crate::noisy`.
pub(super) const NO_CRATE: &str = "a target begins with the name of the crate";

/// Path roots in Rust that are not names of crates.
const ROOTS: [&str; 3] = ["crate", "self", "super"];

/// Signs of negation elsewhere.
const NEGATIONS: [char; 3] = ['!', '-', '~'];

/// Reports a pattern, a list or a level in place of a module; `setting` is the list of rules.
pub(super) fn check_target(text: &LitStr, setting: &str, errors: &mut Errors) -> Option<()> {
    let written = text.value();
    if let Some((wrong, help)) = mistake(&written, setting) {
        errors.push(text.to_token_stream(), wrong, help);
        return None;
    }
    Some(())
}

/// Reports `hyper::*` without quotes; returns whether it did.
pub(super) fn reject_unquoted_pattern(input: ParseStream<'_>, errors: &mut Errors) -> bool {
    let tokens = take_until_comma(&input.fork());
    let written = tokens.to_string().replace(' ', "");
    let module = fixed_part(&written);
    if !written.ends_with('*') || !is_module(module) {
        return false;
    }
    errors.push(
        tokens,
        NO_PATTERNS,
        format!("write `{TARGET}: \"{module}\"`"),
    );
    skip_to_comma(input);
    true
}

fn mistake(written: &str, setting: &str) -> Option<Mistake> {
    let write = |target: &str| format!("write `{TARGET}: \"{target}\"`");
    let trimmed = written.trim();
    if trimmed.trim_matches(['*', ':', '.', '^', '$']).is_empty() {
        let help = format!("write `{TARGET}: \"my_app\"`, or remove the rule");
        return Some(("no event has this target".to_owned(), help));
    }
    if let Some(rest) = trimmed.strip_prefix(NEGATIONS) {
        let rule = format!("{TARGET}: \"{}\"", fixed_part(rest));
        return Some(negation(&rule, setting));
    }
    if let Some((module, last)) = trimmed.split_once('=')
        && level::named(last.trim()).is_some()
    {
        let wrong = "a rule has no level".to_owned();
        return Some((
            wrong,
            format!(
                "{}; `level` is a setting and an option",
                write(module.trim())
            ),
        ));
    }
    let several: Vec<_> = trimmed
        .split(['|', ','])
        .map(|part| part.trim_matches(['(', ')', '^', '$', ' ']))
        .collect();
    if several.len() > 1 && several.iter().all(|part| is_module(part)) {
        let rules: Vec<_> = several
            .iter()
            .map(|part| format!("{TARGET}: \"{part}\""))
            .collect();
        let wrong = "a rule has one target".to_owned();
        return Some((wrong, format!("write `{}`", rules.join(", "))));
    }
    if let Some(meant) = from_root(trimmed) {
        return Some((NO_CRATE.to_owned(), write(&meant)));
    }
    let is_pattern = trimmed.contains(['*', '?', '^', '$', '\\', '[', '(', '{']);
    let module = fixed_part(trimmed);
    if is_pattern || trimmed.ends_with(':') {
        let help = if module.is_empty() {
            let last = trimmed.trim_start_matches(['*', ':', '.', '^']);
            let last = if is_module(last) { last } else { "billing" };
            format!("write the whole path, such as `{TARGET}: \"my_app::{last}\"`")
        } else {
            write(module)
        };
        return Some((NO_PATTERNS.to_owned(), help));
    }
    (trimmed != written).then(|| {
        (
            "no target begins or ends with a space".to_owned(),
            write(trimmed),
        )
    })
}

/// Returns the target that was meant by `crate::noisy`.
pub(super) fn from_root(path: &str) -> Option<String> {
    let (root, rest) = path.split_once("::").unwrap_or((path, ""));
    if !ROOTS.contains(&root) {
        return None;
    }
    let rest = fixed_part(rest.trim_start_matches("super::"));
    Some(match rest {
        "" => "my_app".to_owned(),
        rest => format!("my_app::{rest}"),
    })
}

/// Returns the module before the first special character of a pattern.
pub(super) fn fixed_part(pattern: &str) -> &str {
    let pattern = pattern.trim_start_matches('^');
    let end = pattern.find(['*', '?', '$', '\\', '[', '(', '{', '|', ',', '=']);
    let (fixed, rest) = pattern.split_at(end.unwrap_or(pattern.len()));
    // In `hyper::cl*` only `hyper` is a module.
    let whole = match fixed.rsplit_once("::") {
        Some((outer, _)) if rest.starts_with('*') => outer,
        _ => fixed,
    };
    whole.trim_end_matches([':', '.', '/'])
}

fn is_module(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_alphanumeric() || "_:-".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::mistake;
    use crate::settings::{IGNORE, METADATA_FILTER};

    #[test]
    fn a_pattern_is_told_with_the_module_that_it_means() {
        for (written, target) in [
            ("hyper.*", "hyper"),
            ("hyper::*", "hyper"),
            ("^hyper", "hyper"),
            ("hyper$", "hyper"),
            ("hyper::cl*", "hyper"),
            ("hyper::client::*", "hyper::client"),
            ("hyper*", "hyper"),
            ("hyper::", "hyper"),
            ("hyper=warn", "hyper"),
            (" hyper ", "hyper"),
            ("a|b", "a\", target: \"b"),
            ("a, b", "a\", target: \"b"),
            ("*::sql", "my_app::sql"),
            ("crate::sql", "my_app::sql"),
            ("super::super::sql", "my_app::sql"),
            ("self", "my_app"),
        ] {
            let (_, help) = mistake(written, IGNORE).unwrap();
            assert!(
                help.contains(&format!("`target: \"{target}\"`")),
                "{written}: {help}"
            );
        }
        let (_, help) = mistake("-hyper", METADATA_FILTER).unwrap();
        assert_eq!(
            help,
            "write `ignore: [target: \"hyper\"]`, which drops the events that match"
        );
    }

    #[test]
    fn a_target_may_have_any_name_that_is_no_pattern() {
        for target in [
            "my_app",
            "my_app::billing",
            "my-app",
            "http.request",
            "sql/slow",
            "two words",
        ] {
            assert_eq!(mistake(target, IGNORE), None);
        }
    }
}
