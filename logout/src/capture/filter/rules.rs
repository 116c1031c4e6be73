//! `metadata_filter` and `ignore`: what must hold of an event, and what must not.
//!
//! Several rules of one key in `metadata_filter` are alternatives; rules of different keys must
//! all hold. One rule of `ignore` that holds is enough.

use crate::block::Rule;
use crate::event::{EventView, Fingerprint, LineView};

const TARGET: &str = "target";
const FINGERPRINT: &str = "fingerprint";

/// Returns whether the rules on targets let `target` through.
pub(super) fn target_passes(filter: &[Rule], ignore: &[Rule], target: &str) -> bool {
    let holds = |rule: &Rule| rule.key == TARGET && is_within(target, rule.value);
    let free = !filter.iter().any(|rule| rule.key == TARGET);
    (free || filter.iter().any(holds)) && !ignore.iter().any(holds)
}

/// Returns whether `target` is the module `outer` or inside it.
fn is_within(target: &str, outer: &str) -> bool {
    target
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Returns whether the rules on anything but targets let the event of this fingerprint through.
pub(crate) fn passes(
    filter: &[Rule],
    ignore: &[Rule],
    event: &EventView<'_>,
    fingerprint: u64,
) -> bool {
    let of_fields = |rule: &&Rule| rule.key != TARGET;
    filter.iter().filter(of_fields).all(|rule| {
        filter
            .iter()
            .any(|other| other.key == rule.key && holds(other, event, fingerprint))
    }) && !ignore
        .iter()
        .filter(of_fields)
        .any(|rule| holds(rule, event, fingerprint))
}

/// Returns whether there are rules on anything but targets.
#[inline]
pub(super) fn has_rules_on_fields(rules: &[Rule]) -> bool {
    rules.iter().any(|rule| rule.key != TARGET)
}

/// Returns whether a rule on anything but targets holds of a line of a trail; one on fingerprints
/// never does, for a line has none.
pub(super) fn line_is_ignored(ignore: &[Rule], line: &LineView<'_>) -> bool {
    ignore.iter().any(|rule| {
        rule.key != TARGET
            && line
                .field(rule.key)
                .is_some_and(|value| value.reads(rule.value))
    })
}

/// Returns whether the event has the rule's field, of its own or inherited from a span, with that
/// value as its text. A fingerprint may also be given as messages show it, with or without `#`.
fn holds(rule: &Rule, event: &EventView<'_>, fingerprint: u64) -> bool {
    event
        .field(rule.key)
        .is_some_and(|value| value.reads(rule.value))
        || (rule.key == FINGERPRINT
            && rule
                .value
                .parse()
                .is_ok_and(|written: Fingerprint| written.matches(fingerprint)))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use proptest::prelude::*;

    use super::*;
    use crate::event::encoding;
    use crate::event::tests::{METADATA, SPAN, field};

    const fn rule(key: &'static str, value: &'static str) -> Rule {
        Rule { key, value }
    }

    /// An event with `a = 1`, in a span with `a = 2` and `region = "eu"`.
    fn bytes() -> (Vec<u8>, usize) {
        use tracing::field::Visit;
        let mut bytes = Vec::new();
        encoding::thread("", &mut bytes);
        encoding::Encoder::<encoding::ByIndex>::new(&mut bytes, 99, 999).record_u64(&field(0), 1);
        let spans_at = bytes.len();
        encoding::span("span", 99, &mut bytes, |encoder| {
            encoder.record_u64(&field(0), 2);
            encoder.record_str(&SPAN.fields().field("region").unwrap(), "eu");
        });
        (bytes, spans_at)
    }

    fn passes(filter: &[Rule], ignore: &[Rule]) -> bool {
        let (bytes, spans_at) = bytes();
        let view = EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &bytes, spans_at);
        super::passes(filter, ignore, &view, 0xe939_a100_0000_0000)
    }

    #[test]
    fn field_of_the_event_comes_before_that_of_a_span() {
        assert!(passes(&[rule("a", "1")], &[]));
        assert!(!passes(&[rule("a", "2")], &[]));
        assert!(passes(&[rule("region", "eu")], &[]));
        assert!(!passes(&[rule("unknown", "")], &[]));
    }

    #[test]
    fn rules_of_one_key_are_alternatives_and_keys_must_all_hold() {
        assert!(passes(&[rule("a", "7"), rule("a", "1")], &[]));
        assert!(passes(&[rule("a", "1"), rule("region", "eu")], &[]));
        assert!(!passes(&[rule("a", "1"), rule("region", "us")], &[]));
    }

    #[test]
    fn one_rule_of_ignore_is_enough() {
        assert!(!passes(
            &[rule("a", "1")],
            &[rule("a", "9"), rule("region", "eu")]
        ));
        assert!(passes(&[], &[rule("region", "us")]));
    }

    #[test]
    fn rules_on_targets_are_no_matter_of_fields() {
        assert!(passes(
            &[rule("target", "elsewhere")],
            &[rule("target", "shop")]
        ));
    }

    #[test]
    fn fingerprint_is_known_by_what_messages_show() {
        for shown in ["e939a1", "#e939a1", "E939A100"] {
            assert!(!passes(&[], &[rule("fingerprint", shown)]));
        }
        for other in ["e939", "e939a2"] {
            assert!(passes(&[], &[rule("fingerprint", other)]));
        }
    }

    proptest! {
        #[test]
        fn target_is_within_its_modules_only(path in prop::collection::vec("[a-z_]{1,6}", 1..5), depth in 0_usize..5, tail in "[a-z]{1,3}") {
            let target = path.join("::");
            let outer = path[..depth.min(path.len())].join("::");
            prop_assert_eq!(is_within(&target, &outer), !outer.is_empty());
            let sibling = format!("{target}{tail}");
            prop_assert!(!is_within(&sibling, &target));
            let inner = format!("{target}::{tail}");
            prop_assert!(is_within(&inner, &target));
            prop_assert!(!is_within(&target, &inner));
        }
    }
}
