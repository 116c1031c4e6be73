//! The levels and targets of a block's instances, and which instances want an event.

#[cfg(target_has_atomic = "64")]
use std::sync::atomic::AtomicU64;
use std::sync::atomic::{AtomicU8, Ordering};

#[cfg(not(target_has_atomic = "64"))]
use portable_atomic::AtomicU64;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};

use super::verdicts::{SiteVerdict, Verdicts};
use crate::block::levels::verbosity;
use crate::block::{Block, Declaration};
use crate::event::encoding::level_byte;
use crate::event::{EventRules, LineView, denied, is_bridged};

/// The levels of a block's instances, which may be narrowed while the program runs, and the rules
/// on targets, which may not.
///
/// Instances are bits: the one at index 0 of the block is the lowest.
#[derive(Debug)]
pub(crate) struct Levels {
    block: &'static Block,
    /// For each level, ERROR first, the instances that want it.
    wanting: [AtomicU64; 5],
    /// The instances that are not off, whatever levels they want: these get panics.
    on: AtomicU64,
    /// The most verbose level of a span that is followed.
    spans: AtomicU8,
    verdicts: Verdicts,
}

impl Levels {
    /// Creates the levels that the block declares.
    pub(crate) fn new(block: &'static Block) -> Self {
        let levels = Self {
            block,
            wanting: [const { AtomicU64::new(0) }; 5],
            on: AtomicU64::new(0),
            spans: AtomicU8::new(verbosity(block.spans)),
            verdicts: Verdicts::new(),
        };
        for index in 0..block.instances.len() {
            levels.set(index, LevelFilter::TRACE, LevelFilter::OFF);
        }
        levels
    }

    /// Narrows the instance at `index` to events from `level` up to `max_level`, or to its declared
    /// ones where these are narrower; a `level` of OFF switches it off.
    pub(crate) fn set(&self, index: usize, level: LevelFilter, max_level: LevelFilter) {
        let (Some(declaration), Some(bit)) = (self.block.instances.get(index), bit(index)) else {
            return;
        };
        let level = level.min(self.block.level_of(declaration));
        let max_level = max_level.max(self.block.max_level_of(declaration));
        let put = |mask: &AtomicU64, is_in: bool| {
            if is_in {
                mask.fetch_or(bit, Ordering::Relaxed);
            } else {
                mask.fetch_and(!bit, Ordering::Relaxed);
            }
        };
        for (each, wanting) in ALL.iter().zip(&self.wanting) {
            put(
                wanting,
                (max_level..=level).contains(&LevelFilter::from_level(*each)),
            );
        }
        put(&self.on, level != LevelFilter::OFF);
    }

    /// Follows spans down to `level`, or to the declared one if that is narrower.
    pub(crate) fn set_spans(&self, level: LevelFilter) {
        let level = level.min(self.block.spans);
        self.spans.store(verbosity(level), Ordering::Relaxed);
    }

    /// Returns whether spans of this level are followed, which needs an instance that is on.
    #[inline(always)]
    pub(super) fn may_follow(&self, level: Level) -> bool {
        let followed = self.spans.load(Ordering::Relaxed);
        verbosity(LevelFilter::from_level(level)) <= followed && self.on() != 0
    }

    /// Returns the instances that want events of this level and target now.
    pub(crate) fn mask(&self, level: Level, target: &str) -> u64 {
        self.wanting_now(level) & self.targets(target)
    }

    /// Returns the instances whose rules admit this target, whatever the level. It never changes.
    pub(crate) fn targets(&self, target: &str) -> u64 {
        if !self.rules().admit_target(target) {
            return 0;
        }
        self.instances_that(|instance| {
            let rules = EventRules::new(instance.metadata_filter, instance.ignore);
            rules.admit_target(target)
        })
    }

    /// Returns the instances whose declarations `is_wanted` accepts, a bit each.
    fn instances_that(&self, is_wanted: impl Fn(&Declaration) -> bool) -> u64 {
        let instances = self.block.instances.iter().enumerate();
        let those = instances.filter(|(_, instance)| is_wanted(instance));
        let bits = those.filter_map(|(index, _)| bit(index));
        bits.fold(0, |mask, bit| mask | bit)
    }

    /// Returns the instances that want this level now.
    #[inline]
    pub(crate) fn wanting_now(&self, level: Level) -> u64 {
        self.wanting
            .get(usize::from(level_byte(level)))
            .map_or(0, |wanting| wanting.load(Ordering::Relaxed))
    }

    /// Returns the instances that are on now; all of them get panics.
    #[inline]
    pub(crate) fn on(&self) -> u64 {
        self.on.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn wants_level(&self, level: Level) -> bool {
        self.wanting_now(level) != 0
    }

    /// Returns whether an instance wants events of this call site now.
    #[inline]
    pub(crate) fn wants_event(&self, metadata: &'static Metadata<'static>) -> bool {
        self.wants_level(*metadata.level())
            && self
                .verdicts
                .find(metadata)
                .unwrap_or_else(|| self.verdict(metadata).wanted)
    }

    /// Returns the same as far as it is remembered: `false` is certain.
    #[inline(always)]
    pub(super) fn may_want(&self, metadata: &Metadata<'_>) -> bool {
        self.wants_level(*metadata.level()) && self.verdicts.find(metadata).unwrap_or(true)
    }

    /// Returns whether an instance could ever want events of this call site, and whether the trail could.
    #[cold]
    pub(super) fn verdict(&self, metadata: &'static Metadata<'static>) -> SiteVerdict {
        let verdict = SiteVerdict {
            wanted: self.judge(metadata),
            kept: self.judge_kept(metadata),
        };
        self.verdicts.remember(metadata, verdict);
        verdict
    }

    /// Returns whether the trail wants events of this call site now; the caller has checked the
    /// level.
    #[inline]
    pub(crate) fn keeps_event(&self, metadata: &'static Metadata<'static>) -> bool {
        self.on() != 0
            && self
                .verdicts
                .find_kept(metadata)
                .unwrap_or_else(|| self.verdict(metadata).kept)
    }

    /// Returns the same as far as it is remembered: `false` is certain.
    #[inline(always)]
    pub(super) fn may_keep(&self, metadata: &Metadata<'_>) -> bool {
        self.on() != 0 && self.verdicts.find_kept(metadata).unwrap_or(true)
    }

    /// Returns whether the trail could ever want events of this level and target.
    pub(crate) fn keeps_target(&self, level: Level, target: &str) -> bool {
        let Some(trail) = &self.block.trail else {
            return false;
        };
        level <= trail.level && self.rules().admit_target(target) && !denied(level, target)
    }

    /// Returns whether the trail shows this line, which another block may have kept.
    pub(crate) fn keeps_line(&self, line: &LineView<'_>) -> bool {
        self.keeps_target(line.level(), line.target()) && self.rules().admit_line(line)
    }

    /// Returns whether the block's rules also look at fields.
    #[inline]
    pub(crate) fn have_field_rules(&self) -> bool {
        self.rules().have_field_rules()
    }

    /// Returns the rules of the block.
    #[inline]
    fn rules(&self) -> EventRules {
        EventRules::new(self.block.metadata_filter, self.block.ignore)
    }

    #[cold]
    fn judge_kept(&self, metadata: &Metadata<'_>) -> bool {
        let level = *metadata.level();
        match &self.block.trail {
            Some(trail) if is_bridged(metadata) => level <= trail.level,
            Some(_) => self.keeps_target(level, metadata.target()),
            None => false,
        }
    }

    /// Returns whether an instance could ever want events of this level and target.
    pub(crate) fn wants_target(&self, level: Level, target: &str) -> bool {
        let wanting = self.instances_that(|instance| {
            level <= self.block.level_of(instance) && level >= self.block.max_level_of(instance)
        });
        wanting & self.targets(target) != 0 && !denied(level, target)
    }

    #[cold]
    fn judge(&self, metadata: &Metadata<'_>) -> bool {
        let level = *metadata.level();
        if is_bridged(metadata) {
            // A bridged record has its target in a field.
            return level <= most_verbose(self.block);
        }
        self.wants_target(level, metadata.target())
    }
}

/// Returns the most verbose level that an instance of the block declares.
pub(super) const fn most_verbose(block: &Block) -> LevelFilter {
    let mut most = LevelFilter::OFF;
    let mut instances = block.instances;
    while let [instance, rest @ ..] = instances {
        most = more_verbose(most, block.level_of(instance));
        instances = rest;
    }
    most
}

/// Returns the more verbose level, as `Ord::max` would if it were `const`.
pub(super) const fn more_verbose(one: LevelFilter, other: LevelFilter) -> LevelFilter {
    if verbosity(one) > verbosity(other) {
        one
    } else {
        other
    }
}

/// The levels, the most severe first.
pub(super) const ALL: [Level; 5] = [
    Level::ERROR,
    Level::WARN,
    Level::INFO,
    Level::DEBUG,
    Level::TRACE,
];

fn bit(index: usize) -> Option<u64> {
    u32::try_from(index)
        .ok()
        .and_then(|index| 1_u64.checked_shl(index))
}

#[cfg(test)]
mod tests {
    use tracing::field::FieldSet;
    use tracing::metadata::Kind;

    use super::*;
    use crate::block::{Declaration, Rule};
    use crate::event::tests::METADATA;

    const SHOP: &[Rule] = &[Rule {
        key: "target",
        value: "shop",
    }];
    const PAY: &[Rule] = &[Rule {
        key: "target",
        value: "shop::pay",
    }];

    static BLOCK: Block = Block::new(
        "Alerts",
        "shop",
        &[
            Declaration::new("slack", true),
            Declaration::new("ops", false).level(LevelFilter::ERROR),
            Declaration::new("pay", false)
                .level(LevelFilter::INFO)
                .metadata_filter(PAY),
        ],
    )
    .metadata_filter(SHOP);

    #[test]
    fn mask_tells_which_instances_want_it() {
        let levels = Levels::new(&BLOCK);
        assert_eq!(levels.mask(Level::ERROR, "shop"), 0b011);
        assert_eq!(levels.mask(Level::ERROR, "shop::pay"), 0b111);
        assert_eq!(levels.mask(Level::WARN, "shop::pay"), 0b101);
        assert_eq!(levels.mask(Level::INFO, "shop::pay"), 0b100);
        assert_eq!(levels.mask(Level::DEBUG, "shop::pay"), 0);
        assert_eq!(levels.mask(Level::ERROR, "bakery"), 0);
    }

    #[test]
    fn the_channel_of_warnings_hears_no_errors_and_is_on_for_panics() {
        static BLOCK: Block = Block::new(
            "Alerts",
            "shop",
            &[
                Declaration::new("warnings", false).max_level(LevelFilter::WARN),
                Declaration::new("ops", false).level(LevelFilter::ERROR),
            ],
        );
        let levels = Levels::new(&BLOCK);
        assert_eq!(levels.mask(Level::ERROR, "shop"), 0b10);
        assert_eq!(levels.mask(Level::WARN, "shop"), 0b01);
        assert_eq!(levels.mask(Level::INFO, "shop"), 0);
        assert_eq!(levels.on(), 0b11);
        // What the block leaves out no run adds.
        levels.set(0, LevelFilter::WARN, LevelFilter::ERROR);
        assert_eq!(levels.mask(Level::ERROR, "shop"), 0b10);
        levels.set(1, LevelFilter::OFF, LevelFilter::ERROR);
        assert_eq!((levels.mask(Level::ERROR, "shop"), levels.on()), (0, 0b01));
    }

    #[test]
    fn spans_are_followed_while_an_instance_is_on_whatever_it_takes() {
        static BLOCK: Block = Block::new(
            "Alerts",
            "shop",
            &[Declaration::new("warnings", false).max_level(LevelFilter::WARN)],
        );
        let levels = Levels::new(&BLOCK);
        assert!(levels.may_follow(Level::INFO) && !levels.may_follow(Level::DEBUG));
        assert!(!levels.wants_target(Level::ERROR, "shop"));
        levels.set(0, LevelFilter::OFF, LevelFilter::WARN);
        assert!(!levels.may_follow(Level::INFO));
    }

    #[test]
    fn level_is_only_ever_narrowed() {
        let levels = Levels::new(&BLOCK);
        levels.set(1, LevelFilter::TRACE, LevelFilter::ERROR);
        assert_eq!(levels.mask(Level::WARN, "shop"), 0b001);
        levels.set(0, LevelFilter::OFF, LevelFilter::ERROR);
        assert_eq!(levels.mask(Level::ERROR, "shop"), 0b010);
        levels.set(0, LevelFilter::WARN, LevelFilter::ERROR);
        assert_eq!(levels.mask(Level::WARN, "shop"), 0b001);
        levels.set(3, LevelFilter::WARN, LevelFilter::ERROR);
        assert_eq!(levels.mask(Level::ERROR, "shop::pay"), 0b111);
    }

    #[test]
    fn more_call_sites_than_are_remembered_are_judged_rightly() {
        let levels = Levels::new(&BLOCK);
        let site = |target| -> &'static Metadata<'static> {
            let fields = FieldSet::new(&[], METADATA.callsite());
            let (level, none) = (Level::ERROR, None);
            Box::leak(Box::new(Metadata::new(
                "event",
                target,
                level,
                none,
                None,
                none,
                fields,
                Kind::EVENT,
            )))
        };
        let sites: Vec<_> = (0..2_000)
            .map(|index| {
                (
                    index % 3 != 0,
                    site(if index % 3 == 0 { "bakery" } else { "shop" }),
                )
            })
            .collect();
        for _ in 0..2 {
            for (wanted, site) in &sites {
                assert_eq!(levels.wants_event(site), *wanted);
                assert_eq!(levels.may_want(site), *wanted);
            }
        }
    }
}
