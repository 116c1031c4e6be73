//! How many shapes a call site may have before they are taken together.

use super::Shape;

/// Shapes of one coarse shape.
const MOST_VALUES: usize = 4;

/// Coarse shapes of one stem.
const MOST_TEXTS: usize = 8;

/// Problems of one call site.
const MOST_PROBLEMS: usize = 128;

/// What an event is a telling of, by the hash that stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Problem {
    /// One shape.
    Shape(u64),
    /// All shapes of one coarse shape that have no problem of their own: "and other values".
    Values(u64),
    /// The same of one stem: "and other texts".
    Texts(u64),
    /// The same of the call site.
    Site,
}

/// The problems of one call site that live.
///
/// Keeping digits and names costs shapes where it errs: a text of which one word is never the same
/// would have one for each telling. Such a family becomes one problem, which takes what is not known
/// of it until it is forgotten; what is known of it stays apart.
#[derive(Debug, Default)]
pub(crate) struct Families {
    known: Vec<Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    problem: Problem,
    /// Of a shape and of a coarse shape's values.
    family: Option<Family>,
}

/// What a shape has in common with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Family {
    coarse: u64,
    stems: [u64; 3],
}

impl Families {
    /// Finds the problem of a text of this shape, which lives from now on.
    pub(crate) fn problem(&mut self, shape: &Shape) -> Problem {
        let own = Problem::Shape(shape.hash());
        if self.lives(own) {
            return own;
        }
        let coarse = shape.coarse();
        let family = Family {
            coarse: coarse.hash(),
            stems: coarse.stems(),
        };
        let values = Problem::Values(family.coarse);
        let mut collective = [values]
            .into_iter()
            .chain(family.stems.map(Problem::Texts))
            .chain([Problem::Site]);
        if let Some(living) = collective.find(|problem| self.lives(*problem)) {
            return living;
        }
        let full = family
            .stems
            .into_iter()
            .find(|stem| self.texts(*stem, family.coarse) >= MOST_TEXTS);
        let problem = if self.known.len() >= MOST_PROBLEMS {
            Problem::Site
        } else if self.values(family.coarse) >= MOST_VALUES {
            values
        } else {
            full.map_or(own, Problem::Texts)
        };
        let is_one = matches!(problem, Problem::Shape(_) | Problem::Values(_));
        self.known.push(Known {
            problem,
            family: is_one.then_some(family),
        });
        problem
    }

    /// Forgets a problem; what comes next of its family is told apart again.
    pub(crate) fn forget(&mut self, problem: Problem) {
        self.known.retain(|known| known.problem != problem);
    }

    /// Returns how many problems live.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    fn lives(&self, problem: Problem) -> bool {
        self.known.iter().any(|known| known.problem == problem)
    }

    /// Returns how many shapes of this coarse shape live.
    fn values(&self, coarse: u64) -> usize {
        let of_it = |known: &&Known| known.family.is_some_and(|family| family.coarse == coarse);
        self.known.iter().filter(of_it).count()
    }

    /// Returns how many coarse shapes of this stem live beside this one.
    fn texts(&self, stem: u64, but: u64) -> usize {
        let families = self.known.iter().filter_map(|known| known.family);
        let mut texts: Vec<u64> = families
            .filter(|family| family.stems.contains(&stem) && family.coarse != but)
            .map(|family| family.coarse)
            .collect();
        texts.sort_unstable();
        texts.dedup();
        texts.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Families, MOST_PROBLEMS, MOST_TEXTS, MOST_VALUES, Problem};
    use crate::message::shape::Shape;

    fn problem(families: &mut Families, text: &str) -> Problem {
        families.problem(&Shape::of(text))
    }

    /// A number that folding leaves alone.
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
        let mut tell = |number: usize| {
            let text = format!("upstream answered with status {number}");
            problem(&mut families, &text)
        };
        let first: Vec<_> = (400..400 + MOST_VALUES).map(&mut tell).collect();
        assert!(
            first
                .iter()
                .all(|problem| matches!(problem, Problem::Shape(_)))
        );
        let other = tell(500);
        assert!(matches!(other, Problem::Values(_)));
        assert_eq!((tell(501), tell(400)), (other, first[0]));
        // It takes what is new while it lives, although there is room again.
        families.forget(first[0]);
        assert_eq!(
            problem(&mut families, "upstream answered with status 400"),
            other
        );
        families.forget(other);
        let again = problem(&mut families, "upstream answered with status 400");
        assert_eq!(again, first[0]);
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
            assert!(matches!(other, Problem::Shape(_)));
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

    proptest! {
        #[test]
        fn a_problem_that_lives_stays_the_same(texts in prop::collection::vec("[a-c]{1,2}( [a-c]{1,2}){0,3}", 1..300)) {
            let mut families = Families::default();
            let mut told = std::collections::HashMap::new();
            for text in &texts {
                let problem = problem(&mut families, text);
                if let Problem::Shape(_) = problem {
                    prop_assert_eq!(*told.entry(text).or_insert(problem), problem);
                }
            }
            prop_assert!(families.len() <= MOST_PROBLEMS + 1);
        }
    }
}
