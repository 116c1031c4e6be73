//! Warnings about rules that match no event, although they are valid.

use quote::ToTokens;
use syn::LitStr;

use super::Warning;
use crate::ast::{Block, Pair, Rule, Value, text_literal, value};
use crate::settings::{IGNORE, METADATA_FILTER};

/// The key of a rule on the module, and not on a field.
const TARGET: &str = "target";

/// Returns the warnings about the block's rules, and about those of its adapters beside them.
pub(super) fn warnings(block: &Block) -> Vec<Warning> {
    let mut found = Vec::new();
    let of_block = TargetLists::of(&block.settings);
    for pairs in block.all_settings() {
        for rule in rules(pairs, METADATA_FILTER)
            .iter()
            .chain(rules(pairs, IGNORE))
        {
            found.extend(package_name(rule));
        }
    }
    found.extend(of_block.filter_ignored_by(&of_block.ignored));
    found.extend(of_block.ignore_outside(&of_block));
    for instance in &block.instances {
        let own = TargetLists::of(&instance.settings);
        found.extend(own.filter_ignored_by(&of_block.ignored));
        found.extend(own.filter_ignored_by(&own.ignored));
        found.extend(own.ignore_outside(&own));
        found.extend(own.ignore_outside(&of_block));
        if !of_block.keeps_unknown {
            found.extend(own.filter_outside(&of_block.kept));
            found.extend(own.ignores_all(&of_block.kept));
        }
    }
    found
}

/// A literal target, with its rule.
type Target<'a> = (String, &'a Rule);

/// The literal targets of one list of settings.
struct TargetLists<'a> {
    kept: Vec<Target<'a>>,
    /// Whether `metadata_filter` has a target that only rustc knows.
    keeps_unknown: bool,
    ignored: Vec<Target<'a>>,
}

impl<'a> TargetLists<'a> {
    fn of(pairs: &'a [Pair]) -> Self {
        let targets = |name| rules(pairs, name).iter().filter(|rule| rule.key == TARGET);
        let known = |name| targets(name).filter_map(|rule| Some((literal(rule)?, rule)));
        Self {
            kept: known(METADATA_FILTER).collect(),
            keeps_unknown: targets(METADATA_FILTER).any(|rule| literal(rule).is_none()),
            ignored: known(IGNORE).collect(),
        }
    }

    /// Returns the kept targets that are ignored as well.
    fn filter_ignored_by(&self, ignored: &[Target<'_>]) -> Vec<Warning> {
        let found = self.kept.iter().filter_map(|(kept, rule)| {
            let (outer, _) = ignored.iter().find(|(outer, _)| is_within(kept, outer))?;
            let note = format!(
                "no event meets this rule, since `{IGNORE}` drops the target `{outer}`; remove one of the two"
            );
            Some(warning(rule, note))
        });
        found.collect()
    }

    /// Returns the targets that an adapter keeps and the block does not let through.
    fn filter_outside(&self, kept: &[Target<'_>]) -> Vec<Warning> {
        let found = self.kept.iter().filter(|(own, _)| is_outside(own, kept));
        let found = found.map(|(_, rule)| {
            let note = format!(
                "no event meets this rule, since the `{METADATA_FILTER}` of the block keeps only {}; \
                 add the target there",
                names(kept)
            );
            warning(rule, note)
        });
        found.collect()
    }

    /// Returns the rule by which an adapter ignores everything that the block keeps.
    fn ignores_all(&self, kept: &[Target<'_>]) -> Option<Warning> {
        let drops = |(kept, _): &Target<'_>| {
            let mut ignored = self.ignored.iter();
            ignored.find(|(outer, _)| is_within(kept, outer))
        };
        let rules: Option<Vec<_>> = kept.iter().map(drops).collect();
        let (_, rule) = rules?.first()?;
        let note = format!(
            "this adapter gets no events, since the `{METADATA_FILTER}` of the block keeps only {} and \
             this rule drops them; remove the rule",
            names(kept)
        );
        Some(warning(rule, note))
    }

    /// Returns the ignored targets that are not kept anyway.
    fn ignore_outside(&self, keeping: &Self) -> Vec<Warning> {
        if keeping.keeps_unknown {
            return Vec::new();
        }
        let kept = &keeping.kept;
        let found = self.ignored.iter().filter(|(own, _)| is_outside(own, kept));
        let found = found.map(|(_, rule)| {
            let note = format!(
                "this rule drops no event, since `{METADATA_FILTER}` keeps only {}; remove the rule",
                names(kept)
            );
            warning(rule, note)
        });
        found.collect()
    }
}

/// Warns of a target with the `-` of a package where the module has `_`.
fn package_name(rule: &Rule) -> Option<Warning> {
    let target = literal(rule).filter(|_| rule.key == TARGET)?;
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_-:".contains(letter);
    if !target.contains('-') || !target.chars().all(is_name) {
        return None;
    }
    let note = format!(
        "no module is called `{target}`, since names in Rust have `_` for `-`; write \
         `{TARGET}: \"{}\"`",
        target.replace('-', "_")
    );
    Some(warning(rule, note))
}

fn warning(rule: &Rule, note: String) -> Warning {
    let tokens = rule.value.to_token_stream().into_iter().next();
    let at = tokens.map_or_else(proc_macro2::Span::call_site, |token| token.span());
    Warning {
        at,
        name: "RULE_WITHOUT_EVENTS",
        note,
    }
}

fn rules<'a>(pairs: &'a [Pair], name: &str) -> &'a [Rule] {
    match value(pairs, name) {
        Some((_, Value::Rules(rules))) => rules,
        _ => &[],
    }
}

fn literal(rule: &Rule) -> Option<String> {
    text_literal(&rule.value).map(LitStr::value)
}

/// Returns whether `target` is `outer` or inside it, as `logout` decides at run time.
fn is_within(target: &str, outer: &str) -> bool {
    target
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Returns whether nothing in `target` is kept, although something is.
fn is_outside(target: &str, kept: &[Target<'_>]) -> bool {
    !kept.is_empty()
        && !kept
            .iter()
            .any(|(other, _)| is_within(target, other) || is_within(other, target))
}

/// Returns the names as a list in a sentence: `a`, `b` and `c`.
fn names(kept: &[Target<'_>]) -> String {
    let mut names: Vec<_> = kept.iter().map(|(name, _)| format!("`{name}`")).collect();
    names.dedup();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}
