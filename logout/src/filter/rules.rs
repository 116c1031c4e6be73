//! `metadata_filter` and `ignore`: what must hold of an event, and what must not.
//!
//! Several rules of one key in `metadata_filter` are alternatives; rules of different keys must
//! all hold. One rule of `ignore` that holds is enough.

use crate::block::Rule;
use crate::event::{EventView, short};

const TARGET: &str = "target";
const FINGERPRINT: &str = "fingerprint";

/// Whether the rules on targets let `target` through.
pub(super) fn target_passes(filter: &[Rule], ignore: &[Rule], target: &str) -> bool {
    let holds = |rule: &Rule| rule.key == TARGET && is_within(target, rule.value);
    let free = !filter.iter().any(|rule| rule.key == TARGET);
    (free || filter.iter().any(holds)) && !ignore.iter().any(holds)
}

/// Whether `target` is the module `outer` or inside it.
fn is_within(target: &str, outer: &str) -> bool {
    target
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Whether the rules on anything but targets let the event through.
pub(crate) fn passes(filter: &[Rule], ignore: &[Rule], event: &EventView<'_>) -> bool {
    let of_fields = |rule: &&Rule| rule.key != TARGET;
    filter.iter().filter(of_fields).all(|rule| {
        filter
            .iter()
            .any(|other| other.key == rule.key && holds(other, event))
    }) && !ignore
        .iter()
        .filter(of_fields)
        .any(|rule| holds(rule, event))
}

/// Whether the event has the rule's field, of its own or inherited from a span, with that value as
/// its text. A fingerprint may also be given as messages show it, with or without `#`.
fn holds(rule: &Rule, event: &EventView<'_>) -> bool {
    event
        .field(rule.key)
        .is_some_and(|value| value.reads(rule.value))
        || (rule.key == FINGERPRINT
            && short(event.fingerprint()).eq_ignore_ascii_case(rule.value.trim_start_matches('#')))
}
