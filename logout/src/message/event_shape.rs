//! Shapes of events: their call site and their folded texts.

use std::borrow::Cow;

use super::shape::families::ShapeFamily;
use super::shape::{Hash, Shape};
use crate::event::{EventView, Value};

/// The field in which a program sets a problem's fingerprint itself.
pub(crate) const NAMED: &str = "fingerprint";

/// The bytes of a text that are hashed: all that folding reads.
const HASHED: usize = 1_024;

/// The texts of an event as they were captured: before format, mask and report parsing, so that a
/// fingerprint does not depend on how messages look.
#[derive(Debug)]
pub(crate) struct EventTexts<'e> {
    message: Cow<'e, str>,
    error: Cow<'e, str>,
}

impl<'e> EventTexts<'e> {
    pub(crate) fn of(event: &EventView<'e>) -> Self {
        let said = event.message_and_error();
        let error = said.error.map(|(_, error)| error).or(said.short);
        Self {
            message: said.message.unwrap_or_default(),
            error: error.map(Value::into_text).unwrap_or_default(),
        }
    }

    /// Hashes the texts as if all digits were the same, which takes a fraction of the time of
    /// folding.
    pub(crate) fn hash_but_digits(&self) -> u64 {
        self.hashed(|hash, text| hash.text_but_digits(text))
    }

    /// Hashes the texts as they are.
    pub(crate) fn hash(&self) -> u64 {
        self.hashed(|hash, text| hash.text(text))
    }

    fn hashed(&self, add: impl Fn(Hash, &[u8]) -> Hash) -> u64 {
        let texts = [&self.message, &self.error];
        let hash = texts.into_iter().fold(Hash::new(), |hash, text| {
            let text = text.trim_ascii_start().as_bytes();
            add(hash, text.get(..HASHED).unwrap_or(text))
        });
        hash.finish()
    }

    pub(crate) fn shape(&self) -> EventShape {
        EventShape {
            message: Shape::of(&self.message),
            error: Shape::of(&self.error),
        }
    }
}

/// The folded texts of an event, which are the same for all events of one problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventShape {
    message: Shape,
    error: Shape,
}

impl EventShape {
    /// Hashes the shape together with its call site's hash.
    pub(crate) fn hash(&self, site: u64) -> u64 {
        let hash = Hash::new().number(site);
        hash.number(self.message.hash())
            .number(self.error.hash())
            .finish()
    }

    /// Returns whether the shape does not depend on the digits in the texts.
    pub(crate) fn ignores_digits(&self) -> bool {
        self.message.ignores_digits() && self.error.ignores_digits()
    }

    pub(crate) fn family(&self) -> ShapeFamily {
        ShapeFamily::of(&[self.message, self.error])
    }
}

/// Hashes the fingerprint that the program set, if it did; a number is written to `scratch` for
/// that. Level and call site are no part of it.
pub(crate) fn named(event: &EventView<'_>, scratch: &mut String) -> Option<u64> {
    let name = event.field(NAMED)?.text_in(scratch);
    Some(Hash::new().text(name.as_bytes()).finish())
}

/// Hashes what all events of a call site have in common in every build and on every machine, even
/// if lines above it change: target, file, level, names of the fields, and the name that a program
/// gave its event.
pub(crate) fn site_hash(event: &EventView<'_>) -> u64 {
    let metadata = event.metadata();
    // The name that tracing makes holds the path and the line.
    let name = Some(metadata.name()).filter(|name| !name.starts_with("event "));
    let mut hash = Hash::new()
        .text(event.target().as_bytes())
        .text(source_file(event.file().unwrap_or_default()).as_bytes())
        .text(event.level().as_str().as_bytes())
        .text(name.unwrap_or_default().as_bytes());
    for field in metadata.fields() {
        hash = hash.text(field.name().as_bytes());
    }
    hash.finish()
}

/// Hashes a call site with its line, which alone tells apart events below WARN.
pub(crate) fn line_hash(event: &EventView<'_>) -> u64 {
    let line = event.line().unwrap_or_default();
    let hash = Hash::new().number(site_hash(event));
    hash.number(u64::from(line)).finish()
}

/// Returns a file's path from its last `src/` on, or its name if there is none. `\` counts as `/`.
fn source_file(path: &str) -> String {
    let path = path.replace('\\', "/");
    let from_source = path
        .match_indices("src/")
        .map(|(at, _)| at)
        .filter(|at| *at == 0 || path.get(..*at).is_some_and(|before| before.ends_with('/')))
        .last();
    let start = from_source.or_else(|| path.rfind('/').map(|at| at + 1));
    path.get(start.unwrap_or(0)..)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use tracing::{error, info, warn};

    use super::{EventTexts, line_hash, named, site_hash, source_file};
    use crate::handle::bench::captured;

    fn hashes(program: impl FnOnce()) -> Vec<u64> {
        let events = captured(program);
        let hashes = events.iter().map(|event| {
            let view = event.view();
            let shape = EventTexts::of(&view).shape();
            named(&view, &mut String::new()).unwrap_or_else(|| shape.hash(site_hash(&view)))
        });
        hashes.collect()
    }

    #[test]
    fn a_file_is_the_same_on_every_machine() {
        for (path, file) in [
            ("src/pay.rs", "src/pay.rs"),
            ("/home/ada/shop/src/pay/card.rs", "src/pay/card.rs"),
            (r"C:\work\shop\src\pay.rs", "src/pay.rs"),
            ("/src/registry/src/shop-1.0/src/pay.rs", "src/pay.rs"),
            ("/build/mysrc/pay.rs", "pay.rs"),
            ("tests/pay.rs", "pay.rs"),
            ("pay.rs", "pay.rs"),
            ("", ""),
        ] {
            assert_eq!(source_file(path), file, "{path}");
        }
    }

    #[test]
    fn two_tellings_have_one_fingerprint_wherever_they_stand_in_the_file() {
        let told = hashes(|| {
            error!(order = 1, "payment 1 failed");
            error!(order = 2, "payment 2 failed");
        });
        assert_eq!(told[0], told[1]);
    }

    #[test]
    fn what_differs_between_two_problems_differs_in_the_fingerprint() {
        let timeout = std::io::Error::other("timeout");
        let declined = std::io::Error::other("card declined");
        let told = hashes(|| {
            error!(order = 1, "payment failed");
            warn!(order = 1, "payment failed");
            error!(customer = 1, "payment failed");
            error!(target: "bank", order = 1, "payment failed");
            error!(name: "payment", order = 1, "payment failed");
            error!(order = 1, "delivery failed");
            for error in [&timeout, &declined] {
                error!(error = error as &dyn std::error::Error, "payment failed");
            }
        });
        let apart: std::collections::HashSet<_> = told.iter().collect();
        assert_eq!(apart.len(), told.len());
    }

    #[test]
    fn what_is_told_line_by_line_is_the_same_in_one_and_another_in_the_next() {
        let events = captured(|| {
            for order in [1, 2] {
                info!(order, "paid");
            }
            info!(order = 3, "paid");
        });
        let lines: Vec<_> = events
            .iter()
            .map(|event| line_hash(&event.view()))
            .collect();
        assert_eq!(lines[0], lines[1]);
        assert_ne!(lines[0], lines[2]);
    }

    #[test]
    fn a_problem_that_the_program_names_is_that_everywhere() {
        let told = hashes(|| {
            error!(fingerprint = "disk", "disk is full");
            warn!(fingerprint = "disk", left = 3, "disk is almost full");
        });
        assert_eq!(told[0], told[1]);
    }
}
