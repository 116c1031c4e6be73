//! Checks of a block's values that fail when the program is compiled.

use std::time::Duration;

use crate::block::Block;
use crate::block::levels::some_level_passes;
use crate::block::mention::LONGEST_EVERY;
use crate::block::remind::{WrongSteps, wrong_steps};

// Each is `track_caller`, so that rustc points at the value in the block.

/// Rejects thresholds out of order, at compile time.
#[track_caller]
pub const fn check_thresholds(block: &Block) {
    assert!(
        block.discard_threshold > 0,
        "a `discard_threshold` of zero drops every event\nhelp: write `discard_threshold: 500`, or remove it"
    );
    assert!(
        block.sync_threshold <= block.discard_threshold,
        "`sync_threshold` is above `discard_threshold`, which is 500 unless it is given\nhelp: lower one or raise the other"
    );
}

/// Rejects `spool` without its feature, at compile time.
#[track_caller]
pub const fn check_spool(_block: &Block) {
    require(
        cfg!(feature = "spool"),
        "`spool` needs logout's feature `spool`\nhelp: write `logout = { features = [\"spool\"] }` in Cargo.toml",
    );
}

/// Rejects `fleet` without its feature, and an invalid name for it, at compile time.
#[track_caller]
#[cfg_attr(
    not(feature = "fleet"),
    expect(unused_variables, reason = "there is nothing to judge")
)]
pub const fn check_fleet(block: &Block) {
    require(
        cfg!(feature = "fleet"),
        "`fleet` needs logout's feature `fleet`\nhelp: write `logout = { features = [\"fleet\"] }` in Cargo.toml",
    );
    #[cfg(feature = "fleet")]
    if let Some(fleet) = &block.fleet {
        if let Some(name) = fleet.name {
            require(
                crate::block::is_name(name),
                "the `name` of a fleet is at least one character, and none of `{`, `}` and control characters\nhelp: write `name: \"shop\"`, or remove it",
            );
        }
        require(
            !fleet.timeout.is_zero(),
            "with a `timeout` of zero each process sends for itself at once\nhelp: write `timeout: \"10s\"`, or remove it",
        );
    }
}

/// Rejects `notices` without their feature, at compile time.
#[track_caller]
pub const fn check_notices(_block: &Block) {
    require(
        cfg!(feature = "spool"),
        "`notices` needs logout's feature `spool`\nhelp: write `logout = { features = [\"spool\", \"signals\"] }` in Cargo.toml",
    );
}

/// Rejects `notices: [Crashed]` where a stop would look like a crash, at compile time.
#[track_caller]
pub const fn check_crashed(_block: &Block) {
    require(
        cfg!(feature = "signals") || !cfg!(feature = "spool"),
        "`notices: [Crashed]` needs logout's feature `signals`\nhelp: write `logout = { features = [\"spool\", \"signals\"] }` in Cargo.toml and call `guard.flush_on_signals()`, without which every SIGTERM looks like a kill",
    );
}

#[track_caller]
const fn require(features: bool, why: &str) {
    assert!(features, "{}", why);
}

/// Rejects a prefix that no variable can have, at compile time.
#[track_caller]
pub const fn check_env_prefix(block: &Block) {
    assert!(
        is_prefix(block.env_prefix),
        "a prefix of variables is upper case, begins with a letter and ends with `_`\nhelp: write a value like \"SHOP_ALERTS_\""
    );
}

/// Rejects a limit too small for any event, at compile time.
#[track_caller]
pub const fn check_memory_limit(block: &Block) {
    assert!(
        block.memory_limit >= crate::block::memory_budget::LEAST,
        "a `memory_limit` is at least 256 KiB\nhelp: write a value like \"4 MiB\""
    );
}

/// Rejects an age at which every event is given up at once, at compile time.
#[track_caller]
pub const fn check_max_age(block: &Block) {
    assert!(
        !block.max_age.is_zero(),
        "a `max_age` of zero drops every event\nhelp: write a value like \"1h\""
    );
}

/// Rejects a period of zero, at compile time.
#[track_caller]
pub const fn check_report_period(block: &Block) {
    assert!(
        !block.discard_threshold_periodic_check.is_zero(),
        "a `discard_threshold_periodic_check` of zero would report without a pause\nhelp: write a value like \"30s\""
    );
}

/// Rejects levels between which no event passes, at compile time.
#[track_caller]
pub const fn check_levels(block: &Block) {
    let mut instances = block.instances;
    while let [instance, rest @ ..] = instances {
        assert!(
            some_level_passes(block.level_of(instance), block.max_level_of(instance)),
            "nothing passes between `level` and `max_level`, the maximum level\nhelp: write a `max_level` that is as severe as `level`, or more severe"
        );
        instances = rest;
    }
    assert!(
        some_level_passes(block.level, block.max_level),
        "nothing passes between `level` and `max_level`, the maximum level\nhelp: write a `max_level` that is as severe as `level`, or more severe"
    );
}

/// Rejects steps that do not grow, at compile time.
#[track_caller]
pub const fn check_remind(block: &Block) {
    let mut instances = block.instances;
    let mut wrong = wrong_steps(block.remind);
    while let [instance, rest @ ..] = instances {
        if let (None, Some(steps)) = (wrong, instance.remind) {
            wrong = wrong_steps(steps);
        }
        instances = rest;
    }
    assert!(
        !matches!(wrong, Some(WrongSteps::TooMany)),
        "`remind` has at most 8 steps\nhelp: write fewer; after the last step, reminders repeat at its length"
    );
    assert!(
        !matches!(wrong, Some(WrongSteps::Zero)),
        "a step of `remind` must be above zero: the first message is sent at once anyway\nhelp: remove the step of zero"
    );
    assert!(
        !matches!(wrong, Some(WrongSteps::NotLonger)),
        "a step of `remind` is not longer than the one before\nhelp: write the steps in increasing order: each counts from the first message of a problem"
    );
}

/// Rejects a `quiet` of zero, at compile time.
#[track_caller]
pub const fn check_quiet(block: &Block) {
    let mut zero = block.quiet.is_zero();
    let mut instances = block.instances;
    while let [instance, rest @ ..] = instances {
        zero |= matches!(instance.quiet, Some(span) if span.is_zero());
        instances = rest;
    }
    assert!(
        !zero,
        "a `quiet` of zero ends every problem at once\nhelp: write a value like \"15m\""
    );
}

/// Rejects a `mention_every` above one hour, at compile time.
#[track_caller]
pub const fn check_mention_every(block: &Block) {
    let mut too_long = is_too_long(block.mention_every);
    let mut instances = block.instances;
    while let [instance, rest @ ..] = instances {
        too_long |= matches!(instance.mention_every, Some(span) if is_too_long(span));
        instances = rest;
    }
    assert!(
        !too_long,
        "a `mention_every` is at most an hour, so that people do not miss the next outage\nhelp: write a value like \"5m\""
    );
}

const fn is_too_long(span: Duration) -> bool {
    span.as_nanos() > LONGEST_EVERY.as_nanos()
}

const fn is_prefix(text: &str) -> bool {
    let [first, rest @ ..] = text.as_bytes() else {
        return false;
    };
    let mut last = *first;
    let mut rest = rest;
    while let [letter, after @ ..] = rest {
        if !(letter.is_ascii_uppercase() || letter.is_ascii_digit() || *letter == b'_') {
            return false;
        }
        last = *letter;
        rest = after;
    }
    first.is_ascii_uppercase() && last == b'_'
}
