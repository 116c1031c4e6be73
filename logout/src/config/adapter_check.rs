//! The problems that an adapter finds in its settings, with the places where they were given.

use super::merged_config::in_brackets;
use super::problem::Problem;
use super::value_error::without_secrets;
use crate::transport::Secret;

/// The settings that an instance was given, for the check by its adapter.
#[derive(Debug, Default)]
pub(super) struct AdapterCheck {
    /// The keys that were given, each with all its names, and the place.
    given: Vec<(Vec<String>, String)>,
    /// The keys that are missing or wrong, for which the adapter has placeholders.
    wrong_keys: Vec<String>,
}

impl AdapterCheck {
    pub(super) fn add_given(&mut self, names: Vec<String>, place: String) {
        self.given.push((names, place));
    }

    pub(super) fn add_wrong(&mut self, key: &str) {
        self.wrong_keys.push(key.to_owned());
    }

    /// Turns the lines `said` by the adapter of `instance` into problems. Lines about keys that are
    /// known to be wrong are dropped, because the adapter saw placeholders for them.
    pub(super) fn problems(&self, instance: &str, said: &str, secrets: &[Secret]) -> Vec<Problem> {
        let lines = said.lines().filter(|line| !line.trim().is_empty());
        let lines = lines.filter(|line| self.is_about_given_keys(line));
        lines
            .map(|line| self.problem(instance, line, secrets))
            .collect()
    }

    /// Turns the lines noted by the adapter of `instance` into notes, in the same way.
    pub(super) fn notes(&self, instance: &str, said: &str, secrets: &[Secret]) -> Vec<String> {
        let lines = said.lines().filter(|line| self.is_about_given_keys(line));
        let lines = lines.filter_map(|line| without_secrets(line, secrets));
        lines
            .map(|line| {
                let place = self.named(&line).next().map(|(_, place)| place.as_str());
                format!("{instance}{}: {line}", in_brackets(place))
            })
            .collect()
    }

    fn is_about_given_keys(&self, line: &str) -> bool {
        if self.wrong_keys.is_empty() {
            return true;
        }
        let is_wrong = |key: &str| self.wrong_keys.iter().any(|wrong| wrong == key);
        self.named(line).next().is_some() && !quoted_words(line).any(is_wrong)
    }

    fn problem(&self, instance: &str, line: &str, secrets: &[Secret]) -> Problem {
        let line = without_secrets(line, secrets).unwrap_or_else(|| {
            "its adapter refuses the settings, in words that quote a secret".to_owned()
        });
        let (place, key) = match self.named(&line).next() {
            Some((names, place)) => (Some(place.clone()), names.first()),
            None => (self.only_place(), None),
        };
        let text = format!(
            "{instance} is wrong{}: {line}",
            in_brackets(place.as_deref())
        );
        let problem = Problem::new(text).with_place(place);
        match key {
            Some(key) => problem.with_key(format!("{instance}.{key}")),
            None => problem,
        }
    }

    /// Returns the given keys that `line` names in backticks.
    fn named<'s>(&'s self, line: &'s str) -> impl Iterator<Item = &'s (Vec<String>, String)> {
        quoted_words(line).filter_map(|word| {
            let mut given = self.given.iter();
            given.find(|(names, _)| names.iter().any(|name| name == word))
        })
    }

    /// Returns the place where all keys were given, if it is the same for all.
    fn only_place(&self) -> Option<String> {
        let (_, first) = self.given.first()?;
        let is_only = self.given.iter().all(|(_, place)| place == first);
        is_only.then(|| first.clone())
    }
}

/// Returns the words in backticks.
fn quoted_words(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::AdapterCheck;
    use crate::transport::Secret;

    fn told(check: &AdapterCheck, said: &str) -> Vec<String> {
        let secrets = [Secret::new("Geheim1234567890".to_owned())];
        let problems = check.problems("pager", said, &secrets);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_line_is_a_problem_with_the_place_of_the_key_that_it_names() {
        let mut check = AdapterCheck::default();
        check.add_given(vec!["url".to_owned()], "variable PAGER_URL".to_owned());
        check.add_given(
            vec!["room".to_owned(), "channel".to_owned()],
            "logout.toml".to_owned(),
        );
        assert_eq!(
            told(
                &check,
                "`url` is no webhook\n\n`channel` is empty, `url` or not\nboth"
            ),
            [
                "pager is wrong (variable PAGER_URL): `url` is no webhook",
                "pager is wrong (logout.toml): `channel` is empty, `url` or not",
                "pager is wrong: both",
            ]
        );
        let problems = check.problems("pager", "`channel` is empty", &[]);
        assert_eq!(problems[0].key(), Some("pager.room"));
    }

    #[test]
    fn of_keys_that_are_wrong_nothing_is_said_twice() {
        let mut check = AdapterCheck::default();
        check.add_given(vec!["room".to_owned()], "variable PAGER_ROOM".to_owned());
        check.add_wrong("url");
        let said = "`url` is no webhook\n`room` does not fit `url`\n`room` is empty\nsomething";
        assert_eq!(
            told(&check, said),
            ["pager is wrong (variable PAGER_ROOM): `room` is empty"]
        );
    }

    #[test]
    fn the_only_place_is_named_and_no_secret_is_quoted() {
        let mut check = AdapterCheck::default();
        check.add_given(vec!["key".to_owned()], "variable PAGER_KEY".to_owned());
        assert_eq!(
            told(&check, "it ends with 34567890"),
            [
                "pager is wrong (variable PAGER_KEY): its adapter refuses the settings, in words \
                that quote a secret"
            ]
        );
    }
}
