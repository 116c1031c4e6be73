//! The rules of `metadata_filter`, which must hold of an event, and of `ignore`, which must not.
//!
//! Several rules of one key in `metadata_filter` are alternatives; rules of different keys must
//! all hold. One rule of `ignore` that holds is enough.

use crate::block::Rule;
use crate::event::{EventView, Fingerprint, LineView};

const TARGET: &str = "target";
const FINGERPRINT: &str = "fingerprint";

/// The rules of a block or of one of its adapters.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EventRules {
    filter: &'static [Rule],
    ignore: &'static [Rule],
}

impl EventRules {
    pub(crate) fn new(filter: &'static [Rule], ignore: &'static [Rule]) -> Self {
        Self { filter, ignore }
    }

    /// Returns the rules for a panic, without the filter: whoever filters wants to know of panics.
    pub(crate) fn of_panic(self) -> Self {
        Self {
            filter: &[],
            ..self
        }
    }

    /// Returns whether the rules on targets let `target` through.
    pub(crate) fn admit_target(&self, target: &str) -> bool {
        let holds = |rule: &Rule| rule.key == TARGET && is_within(target, rule.value);
        let free = !self.filter.iter().any(|rule| rule.key == TARGET);
        (free || self.filter.iter().any(holds)) && !self.ignore.iter().any(holds)
    }

    /// Returns whether the rules on anything but targets let the event of this fingerprint through.
    pub(crate) fn admit_event(&self, event: &EventView<'_>, fingerprint: u64) -> bool {
        let of_fields = |rule: &&Rule| rule.key != TARGET;
        let holds = |rule: &Rule| holds(rule, event, fingerprint);
        self.filter.iter().filter(of_fields).all(|rule| {
            let mut others = self.filter.iter();
            others.any(|other| other.key == rule.key && holds(other))
        }) && !self.ignore.iter().filter(of_fields).any(holds)
    }

    /// Returns whether the rules let a line of a trail through. A field that it does not have is that
    /// of the event it leads to, for which the rules hold; a fingerprint it never has.
    pub(crate) fn admit_line(&self, line: &LineView<'_>) -> bool {
        let value = |rule: &Rule| line.field(rule.key).filter(|_| rule.key != TARGET);
        let holds = |rule: &Rule| value(rule).is_some_and(|value| value.displays_as(rule.value));
        let is_other = |rule: &Rule| {
            let mut others = self.filter.iter();
            value(rule).is_some() && !others.any(|other| other.key == rule.key && holds(other))
        };
        self.admit_target(line.target())
            && !self.filter.iter().any(is_other)
            && !self.ignore.iter().any(holds)
    }

    /// Returns whether there are rules on anything but targets.
    #[inline]
    pub(crate) fn have_field_rules(&self) -> bool {
        let is_of_field = |rule: &Rule| rule.key != TARGET;
        self.filter.iter().any(is_of_field) || self.ignore.iter().any(is_of_field)
    }
}

/// Returns whether `target` is the module `outer` or inside it.
fn is_within(target: &str, outer: &str) -> bool {
    target
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Returns whether the event has the rule's field, of its own or inherited from a span, with that
/// value as its text. A fingerprint may also be given as messages show it, with or without `#`.
fn holds(rule: &Rule, event: &EventView<'_>, fingerprint: u64) -> bool {
    event
        .field(rule.key)
        .is_some_and(|value| value.displays_as(rule.value))
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

    /// Encodes an event with `a = 1`, in a span with `a = 2` and `region = "eu"`.
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

    fn passes<const F: usize, const I: usize>(filter: [Rule; F], ignore: [Rule; I]) -> bool {
        let rules = EventRules::new(filter.to_vec().leak(), ignore.to_vec().leak());
        let (bytes, spans_at) = bytes();
        let view = EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &bytes, spans_at);
        rules.admit_event(&view, 0xe939_a100_0000_0000)
    }

    #[test]
    fn field_of_the_event_comes_before_that_of_a_span() {
        assert!(passes([rule("a", "1")], []));
        assert!(!passes([rule("a", "2")], []));
        assert!(passes([rule("region", "eu")], []));
        assert!(!passes([rule("unknown", "")], []));
    }

    #[test]
    fn rules_of_one_key_are_alternatives_and_keys_must_all_hold() {
        assert!(passes([rule("a", "7"), rule("a", "1")], []));
        assert!(passes([rule("a", "1"), rule("region", "eu")], []));
        assert!(!passes([rule("a", "1"), rule("region", "us")], []));
    }

    #[test]
    fn one_rule_of_ignore_is_enough() {
        assert!(!passes(
            [rule("a", "1")],
            [rule("a", "9"), rule("region", "eu")]
        ));
        assert!(passes([], [rule("region", "us")]));
    }

    #[test]
    fn rules_on_targets_are_no_matter_of_fields() {
        assert!(passes(
            [rule("target", "elsewhere")],
            [rule("target", "shop")]
        ));
    }

    #[test]
    fn fingerprint_is_known_by_what_messages_show() {
        for shown in ["e939a1", "#e939a1", "E939A100"] {
            assert!(!passes([], [rule("fingerprint", shown)]));
        }
        for other in ["e939", "e939a2"] {
            assert!(passes([], [rule("fingerprint", other)]));
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
