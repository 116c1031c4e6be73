//! Limits on the problems of a call site: beyond them, similar shapes become one problem.

use std::time::{Duration, Instant};

use super::{Hash, KEPT, Shape};
use crate::text::sorted_map::SortedMap;

/// The most shapes of one coarse shape.
const MOST_VALUES: usize = 4;

/// The most coarse shapes of one stem.
const MOST_TEXTS: usize = 8;

/// The most problems of one call site.
const MOST_PROBLEMS: usize = 128;

/// The silence after which a problem is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(2 * 60 * 60);

/// The identity of an event's problem within its call site, as a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ProblemKey {
    /// One shape.
    Shape(u64),
    /// All shapes of one coarse shape that have no problem of their own: "and other values".
    Values(u64),
    /// The same of one stem: "and other texts".
    Texts(u64),
    /// The same of the call site.
    Site,
}

/// The difference between the texts of a collective problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Collective {
    /// Texts that differ in a value.
    Values,
    /// Texts that differ in more.
    Texts,
}

impl ProblemKey {
    /// Returns the fingerprint of the problem at the call site with this hash.
    pub(crate) fn fingerprint(self, site: u64) -> u64 {
        let (kind, number) = match self {
            // The hash of a shape includes the site.
            Self::Shape(shape) => return shape,
            Self::Values(coarse) => (1, coarse),
            Self::Texts(stem) => (2, stem),
            Self::Site => (3, 0),
        };
        let hash = Hash::new().number(site).number(kind);
        hash.number(number).finish()
    }

    pub(crate) fn collective(self) -> Option<Collective> {
        match self {
            Self::Shape(_) => None,
            Self::Values(_) => Some(Collective::Values),
            Self::Texts(_) | Self::Site => Some(Collective::Texts),
        }
    }
}

/// The problems of one call site that are not forgotten.
///
/// Folding may keep too much: a text with one word that is never the same would become a problem
/// each time. Such a family becomes one problem, which takes all unknown shapes until it is
/// forgotten; known ones stay separate.
#[derive(Debug, Default)]
pub(crate) struct Families {
    known: SortedMap<ProblemKey, TrackedProblem>,
    /// No problem was last seen before this.
    oldest: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct TrackedProblem {
    /// The family of a shape and of a coarse shape's values.
    family: Option<ShapeFamily>,
    /// The time of its last event.
    last: Instant,
}

/// The hashes that similar shapes have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShapeFamily {
    coarse: u64,
    /// Hashes that stay the same if one word differs: the number of words with the first and the
    /// last, with all but the first, and with all but the last.
    stems: [u64; 3],
}

impl ShapeFamily {
    /// Returns the family of shapes that are one text together.
    pub(crate) fn of(shapes: &[Shape]) -> Self {
        let mut text = Vec::with_capacity(KEPT);
        for shape in shapes.iter().filter(|shape| !shape.bytes().is_empty()) {
            if !text.is_empty() {
                text.push(b' ');
            }
            text.extend_from_slice(shape.coarse().bytes());
        }
        Self {
            coarse: Hash::new().text(&text).finish(),
            stems: stems(&text),
        }
    }

    /// Returns the collective problems that can take an unknown shape, the narrowest first.
    fn collectives(&self) -> [ProblemKey; 5] {
        let [ends, but_first, but_last] = self.stems.map(ProblemKey::Texts);
        let values = ProblemKey::Values(self.coarse);
        [values, ends, but_first, but_last, ProblemKey::Site]
    }
}

fn stems(text: &[u8]) -> [u64; 3] {
    let is_space = |byte: &u8| *byte == b' ';
    let count = 1 + text.iter().filter(|byte| is_space(byte)).count();
    let (first, but_first) = text.split_at(text.iter().position(is_space).unwrap_or(text.len()));
    let last = text.iter().rposition(is_space).map(|space| space + 1);
    let (but_last, last) = text.split_at(last.unwrap_or(text.len()));
    let hash = |kind: u64, parts: [&[u8]; 2]| {
        let [one, other] = parts;
        let hash = Hash::new().number(kind).number(count as u64);
        hash.text(one).text(other).finish()
    };
    [
        hash(0, [first, last]),
        hash(1, [but_first, &[]]),
        hash(2, [but_last, &[]]),
    ]
}

impl Families {
    /// Returns the problem of a text by the hash of its shape, and keeps it. `family` is called
    /// only if the shape is not known; without `room` for one more problem, it is one of the call
    /// site's.
    pub(crate) fn problem(
        &mut self,
        shape: u64,
        family: impl FnOnce() -> ShapeFamily,
        room: bool,
        now: Instant,
    ) -> ProblemKey {
        let own = ProblemKey::Shape(shape);
        if self.touch(own, now) {
            return own;
        }
        self.forget(now);
        let family = family();
        let mut collectives = family.collectives().into_iter();
        if let Some(living) = collectives.find(|problem| self.touch(*problem, now)) {
            return living;
        }
        let values = ProblemKey::Values(family.coarse);
        let full = family
            .stems
            .into_iter()
            .find(|stem| self.texts(*stem, family.coarse) >= MOST_TEXTS);
        let problem = if self.len() >= MOST_PROBLEMS || !room {
            ProblemKey::Site
        } else if self.values(family.coarse) >= MOST_VALUES {
            values
        } else {
            full.map_or(own, ProblemKey::Texts)
        };
        let is_one = matches!(problem, ProblemKey::Shape(_) | ProblemKey::Values(_));
        let known = TrackedProblem {
            family: is_one.then_some(family),
            last: now,
        };
        self.known.insert(problem, known);
        self.oldest.get_or_insert(now);
        problem
    }

    /// Forgets problems that have been silent for long; the next shapes of their families are
    /// separate again.
    pub(crate) fn forget(&mut self, now: Instant) {
        let lives = |last: Instant| now.saturating_duration_since(last) < FORGOTTEN_AFTER;
        if self.oldest.is_none_or(lives) {
            return;
        }
        self.known.retain(|known| lives(known.last));
        self.oldest = self.known.values().map(|known| known.last).min();
    }

    /// Returns the number of known problems.
    pub(crate) fn len(&self) -> usize {
        self.known.entries().len()
    }

    /// Notes an event of a problem; returns whether the problem is known.
    pub(crate) fn touch(&mut self, problem: ProblemKey, now: Instant) -> bool {
        let known = self.known.get_mut(problem);
        known.map(|known| known.last = now).is_some()
    }

    /// Returns the number of known shapes of this coarse shape.
    fn values(&self, coarse: u64) -> usize {
        let of_it =
            |known: &&TrackedProblem| known.family.is_some_and(|family| family.coarse == coarse);
        self.known.values().filter(of_it).count()
    }

    /// Returns the number of known coarse shapes of this stem, without this one.
    fn texts(&self, stem: u64, but: u64) -> usize {
        let families = self.known.values().filter_map(|known| known.family);
        let mut texts: Vec<u64> = Vec::new();
        for family in families.filter(|family| family.stems.contains(&stem)) {
            if family.coarse != but && !texts.contains(&family.coarse) {
                texts.push(family.coarse);
            }
        }
        texts.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use std::time::{Duration, Instant};

    use super::{
        Collective, FORGOTTEN_AFTER, Families, MOST_PROBLEMS, MOST_TEXTS, MOST_VALUES, ProblemKey,
        ShapeFamily, TrackedProblem, stems,
    };
    use crate::message::shape::{Hash, Shape};

    fn problem(families: &mut Families, text: &str) -> ProblemKey {
        problem_at(families, text, Instant::now())
    }

    fn problem_at(families: &mut Families, text: &str, now: Instant) -> ProblemKey {
        let shape = Shape::of(text);
        families.problem(shape.hash(), || ShapeFamily::of(&[shape]), true, now)
    }

    /// Writes a number in letters, which folding keeps.
    fn letters(number: usize) -> String {
        let letter = |digit: char| char::from_u32(u32::from(digit) + 49);
        number.to_string().chars().filter_map(letter).collect()
    }

    #[test]
    fn a_shape_is_the_same_problem_each_time() {
        let mut families = Families::default();
        let first = problem(&mut families, "payment 1 failed: timeout");
        assert_eq!(problem(&mut families, "payment 2 failed: timeout"), first);
        assert_ne!(problem(&mut families, "payment 3 failed: declined"), first);
        assert_eq!(families.len(), 2);
    }

    #[test]
    fn other_values_are_one_problem_until_it_is_forgotten() {
        let mut families = Families::default();
        let start = Instant::now();
        let mut tell = |number: usize, now: Instant| {
            let text = format!("upstream answered with status {number}");
            problem_at(&mut families, &text, now)
        };
        let first: Vec<_> = (400..400 + MOST_VALUES)
            .map(|number| tell(number, start))
            .collect();
        assert!(
            first
                .iter()
                .all(|problem| matches!(problem, ProblemKey::Shape(_)))
        );
        let other = tell(500, start);
        assert!(matches!(other, ProblemKey::Values(_)));
        assert_eq!((tell(501, start), tell(400, start)), (other, first[0]));
        // It takes unknown shapes until it is forgotten, although there is room again.
        let late = start + FORGOTTEN_AFTER / 2;
        assert_eq!(tell(502, late), other);
        let later = start + FORGOTTEN_AFTER;
        assert_eq!(tell(503, later), other);
        assert_eq!(
            tell(400, later),
            other,
            "the shape was forgotten, the rest was not"
        );
        let again = tell(400, later + FORGOTTEN_AFTER);
        assert_eq!(again, first[0]);
    }

    #[test]
    fn without_room_what_is_new_is_of_the_call_site_and_what_is_known_stays() {
        let mut families = Families::default();
        let now = Instant::now();
        let known = problem_at(&mut families, "known", now);
        let mut cramped = |text: &str| {
            let shape = Shape::of(text);
            families.problem(shape.hash(), || ShapeFamily::of(&[shape]), false, now)
        };
        assert_eq!(cramped("new"), ProblemKey::Site);
        assert_eq!(cramped("known"), known);
    }

    #[test]
    fn a_text_of_which_one_word_is_never_the_same_is_told_nine_times() {
        for place in 0..3 {
            let mut families = Families::default();
            let mut told = std::collections::HashSet::new();
            for number in 0..500 {
                let mut words = ["login", "of", "failed"].map(str::to_owned);
                words[place] = letters(number);
                told.insert(problem(&mut families, &words.join(" ")));
            }
            assert_eq!(told.len(), MOST_TEXTS + 1, "{place}");
            let other = problem(&mut families, "disk is full: nothing can be written");
            assert!(matches!(other, ProblemKey::Shape(_)));
        }
    }

    #[test]
    fn the_narrowest_collective_problem_takes_what_is_not_known() {
        let (mut families, now) = (Families::default(), Instant::now());
        let family = ShapeFamily {
            coarse: 1,
            stems: [2, 3, 4],
        };
        let texts = [4, 3, 2].map(ProblemKey::Texts);
        let narrower = [ProblemKey::Site].into_iter().chain(texts);
        for problem in narrower.chain([ProblemKey::Values(1)]) {
            let known = TrackedProblem {
                family: None,
                last: now,
            };
            families.known.insert(problem, known);
            assert_eq!(families.problem(0, || family, true, now), problem);
        }
    }

    #[test]
    fn a_site_has_a_bound_and_what_is_known_stays() {
        let mut families = Families::default();
        let text = |number: usize| {
            let words = number % 40 + 1;
            vec![letters(number * 7919); words].join(" ")
        };
        let known = problem(&mut families, "known");
        for number in 0..5_000 {
            problem(&mut families, &text(number));
        }
        assert!(families.len() <= MOST_PROBLEMS + 1, "{}", families.len());
        assert_eq!(problem(&mut families, "known"), known);
    }

    #[test]
    fn a_problem_is_forgotten_after_two_hours_of_silence() {
        let (mut families, start) = (Families::default(), Instant::now());
        problem_at(&mut families, "known", start);
        let hours = |hours: u64| start + Duration::from_secs(hours * 3_600);
        families.forget(hours(2) - Duration::from_secs(1));
        assert_eq!(families.len(), 1);
        families.forget(hours(2));
        assert_eq!(families.len(), 0);
    }

    #[test]
    fn problems_of_one_number_differ_by_kind_and_but_for_a_shape_by_site() {
        let (shape, together) = (
            ProblemKey::Shape(7),
            [ProblemKey::Values(7), ProblemKey::Texts(7)],
        );
        assert_eq!((shape.fingerprint(1), shape.fingerprint(2)), (7, 7));
        let mut all = vec![7];
        for site in [1, 2] {
            all.push(ProblemKey::Site.fingerprint(site));
            all.extend(together.map(|problem| problem.fingerprint(site)));
        }
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 7);
        let collective =
            [shape, together[0], together[1], ProblemKey::Site].map(ProblemKey::collective);
        let (values, texts) = (Some(Collective::Values), Some(Collective::Texts));
        assert_eq!(collective, [None, values, texts, texts]);
    }

    #[test]
    fn what_is_told_together_is_one_text() {
        let family = |texts: &[&str]| {
            let shapes: Vec<_> = texts.iter().map(|text| Shape::of(text)).collect();
            ShapeFamily::of(&shapes)
        };
        let one = family(&["disk is full"]);
        assert_eq!(family(&["disk is", "full"]), one);
        assert_eq!(family(&["", "disk is full"]), one);
        assert_eq!(family(&["disk is full", ""]), one);
        assert_ne!(family(&["disk", "isfull"]), one);
    }

    #[test]
    fn texts_of_as_many_words_that_share_none_stay_apart() {
        let mut families = Families::default();
        for number in 0..20 {
            let words = [0, 100, 200].map(|more| letters(number + more));
            let problem = problem(&mut families, &words.join(" "));
            assert!(matches!(problem, ProblemKey::Shape(_)), "{words:?}");
        }
    }

    #[test]
    fn values_of_one_text_do_not_make_it_many() {
        let mut families = Families::default();
        for text in ["read", "write"] {
            for status in 400..404 {
                problem(&mut families, &format!("{text} failed: status {status}"));
            }
        }
        let other = problem(&mut families, "seek failed: status 400");
        assert!(matches!(other, ProblemKey::Shape(_)), "{other:?}");
        for number in 0..MOST_TEXTS - 3 {
            let text = letters(number);
            problem(&mut families, &format!("{text} failed: status 400"));
        }
        let value = problem(&mut families, "seek failed: status 401");
        assert!(matches!(value, ProblemKey::Shape(_)), "{value:?}");
        let many = problem(&mut families, "stat failed: status 400");
        assert!(matches!(many, ProblemKey::Texts(_)), "{many:?}");
    }

    #[test]
    fn values_that_are_told_together_are_one_text_of_many() {
        let (mut families, start) = (Families::default(), Instant::now());
        for status in 400..=400 + MOST_VALUES {
            let text = format!("read failed: status {status}");
            problem_at(&mut families, &text, start);
        }
        problem_at(
            &mut families,
            "read failed: status 500",
            start + FORGOTTEN_AFTER / 2,
        );
        let later = start + FORGOTTEN_AFTER;
        for number in 0..MOST_TEXTS {
            let text = format!("{} failed: status 400", letters(number));
            let problem = problem_at(&mut families, &text, later);
            let is_one = matches!(problem, ProblemKey::Shape(_));
            assert_eq!(is_one, number < MOST_TEXTS - 1, "{problem:?}");
        }
    }

    proptest! {
        /// Checks the numbers that fingerprints are made of: what people mute must outlive the
        /// build.
        #[test]
        fn stems_are_made_of_words(text in "[ab ]{0,12}") {
            let words: Vec<_> = text.split(' ').collect();
            let (first, rest) = words.split_first().unwrap();
            let (last, before) = rest.split_last().map_or(("", &text[..]), |(last, _)| {
                (*last, &text[..text.len() - last.len()])
            });
            let parts = [[*first, last], [&text[first.len()..], ""], [before, ""]];
            let expected = [0, 1, 2].map(|kind| {
                let hash = Hash::new().number(kind as u64).number(words.len() as u64);
                let [one, other] = parts[kind];
                hash.text(one.as_bytes()).text(other.as_bytes()).finish()
            });
            prop_assert_eq!(stems(text.as_bytes()), expected);
        }

        #[test]
        fn a_problem_that_lives_stays_the_same(texts in prop::collection::vec("[a-c]{1,2}( [a-c]{1,2}){0,3}", 1..300)) {
            let mut families = Families::default();
            let mut told = std::collections::HashMap::new();
            for text in &texts {
                let problem = problem(&mut families, text);
                if let ProblemKey::Shape(_) = problem {
                    prop_assert_eq!(*told.entry(text).or_insert(problem), problem);
                }
            }
            prop_assert!(families.len() <= MOST_PROBLEMS + 1);
        }
    }
}
