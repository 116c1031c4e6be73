//! Checks of reminders, mentions and the two levels, for the block and each instance.

use crate::ast::{Block, Pair, Step, Value, value};
use crate::errors::Errors;
use crate::names::ident_text;
use crate::settings::{
    DEFAULT_LEVEL, DEFAULT_MAX_LEVEL, LEVEL, LONGEST_MENTION_EVERY, MAX_LEVEL, MENTION_EVERY,
    MOST_STEPS, QUIET, REMIND,
};

/// The levels, the most severe first.
const LEVELS: [&str; 6] = ["OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"];

/// Checks literal values; constant assertions check the rest.
pub(super) fn check(block: &Block, errors: &mut Errors) {
    check_levels(&block.settings, &[], errors);
    for instance in &block.instances {
        check_levels(&instance.settings, &block.settings, errors);
    }
    for pairs in block.all_settings() {
        check_steps(pairs, errors);
        check_quiet(pairs, errors);
        check_mention_every(pairs, errors);
    }
}

/// Checks that some level passes both limits, taken from `own` or else from `outer`.
fn check_levels(own: &[Pair], outer: &[Pair], errors: &mut Errors) {
    let level = level_rank(own, outer, LEVEL, DEFAULT_LEVEL);
    let max_level = level_rank(own, outer, MAX_LEVEL, DEFAULT_MAX_LEVEL);
    let (Some(level), Some(max_level)) = (level, max_level) else {
        return;
    };
    let own = value(own, MAX_LEVEL).or_else(|| value(own, LEVEL));
    let Some((key, Value::Level(at))) = own else {
        return;
    };
    let is_off = level == 0;
    if max_level <= level || is_off {
        return;
    }
    let name = |rank: usize| LEVELS.get(rank).copied().unwrap_or_default();
    let (level, max_level) = (name(level), name(max_level));
    let wrong = format!("nothing passes between `{LEVEL}: {level}` and `{MAX_LEVEL}: {max_level}`");
    let help = if ident_text(key) == MAX_LEVEL {
        format!("write `{MAX_LEVEL}: {level}` or a more severe level, or `{LEVEL}: {max_level}`")
    } else {
        format!("write `{LEVEL}: {max_level}`, or a `{MAX_LEVEL}` of {level}")
    };
    errors.push(at, wrong, help);
}

/// Returns the position of a level in [`LEVELS`], if it is given by name.
fn level_rank(own: &[Pair], outer: &[Pair], key: &str, default: &str) -> Option<usize> {
    let name = match value(own, key).or_else(|| value(outer, key)) {
        Some((_, Value::Level(name))) => ident_text(name),
        Some(_) => return None,
        None => default.to_owned(),
    };
    LEVELS.iter().position(|level| *level == name)
}

/// Checks that the steps are few, above zero and growing.
fn check_steps(pairs: &[Pair], errors: &mut Errors) {
    let Some((_, Value::Steps(steps))) = value(pairs, REMIND) else {
        return;
    };
    let mut before = None;
    for (index, step) in steps.iter().enumerate() {
        if index == MOST_STEPS {
            let wrong = format!("`{REMIND}` has at most {MOST_STEPS} steps");
            let help = "remove this one; after the last step, reminders repeat at its length";
            match step {
                Step::Known(_, literal) => errors.push(literal, wrong, help),
                Step::Constant(value) => errors.push(value, wrong, help),
            }
            return;
        }
        let Step::Known(span, literal) = step else {
            before = None;
            continue;
        };
        if span.is_zero() {
            let help = "remove it; the first message is sent at once anyway";
            errors.push(
                literal,
                format!("a step of `{REMIND}` must be above zero"),
                help,
            );
            return;
        }
        if before.is_some_and(|before| *span <= before) {
            let wrong = "this step is not longer than the one before";
            let help = "write the steps in increasing order: each counts from the first message of a problem";
            errors.push(literal, wrong, help);
            return;
        }
        before = Some(*span);
    }
}

/// Checks that `quiet` is above zero.
fn check_quiet(pairs: &[Pair], errors: &mut Errors) {
    if let Some((_, Value::Duration(span, literal))) = value(pairs, QUIET)
        && span.is_zero()
    {
        let wrong = format!("a `{QUIET}` of zero ends every problem at once");
        errors.push(literal, wrong, format!("write `{QUIET}: \"15m\"`"));
    }
}

/// Checks that `mention_every` is not so long that a second outage mentions nobody.
fn check_mention_every(pairs: &[Pair], errors: &mut Errors) {
    if let Some((_, Value::Duration(span, literal))) = value(pairs, MENTION_EVERY)
        && *span > LONGEST_MENTION_EVERY
    {
        let wrong = format!(
            "a `{MENTION_EVERY}` is at most an hour, so that people do not miss the next outage"
        );
        errors.push(literal, wrong, format!("write `{MENTION_EVERY}: \"5m\"`"));
    }
}
