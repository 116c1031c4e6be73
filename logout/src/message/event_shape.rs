//! The shape of an event: where it comes from, and what it said.

use super::shape::{Hash, Shape};
use crate::event::EventView;

/// The field in which a program names a problem itself.
const NAMED: &str = "fingerprint";

/// Where a text comes from, and what it said: the same in every build and on every machine, whatever
/// stands above the call site. So there is no line in it and no path of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventShape {
    /// The hash of what is the same for all events of a call site.
    pub(crate) site: u64,
    pub(crate) message: Shape,
    pub(crate) error: Shape,
    /// The hash of what the program called the problem.
    pub(crate) named: Option<u64>,
}

impl EventShape {
    pub(crate) fn of(event: &EventView<'_>) -> Self {
        let text = |text: Option<std::borrow::Cow<'_, str>>| Shape::of(&text.unwrap_or_default());
        Self {
            site: site(event),
            message: text(event.message()),
            error: text(event.error().map(|(_, error)| error.into_text())),
            named: event.field(NAMED).map(|name| {
                let name = name.into_text();
                Hash::new().text(name.as_bytes()).finish()
            }),
        }
    }

    /// Hashes what problems are told apart by.
    pub(crate) fn hash(&self) -> u64 {
        self.named.unwrap_or_else(|| {
            let hash = Hash::new().number(self.site);
            hash.number(self.message.hash())
                .number(self.error.hash())
                .finish()
        })
    }
}

/// Hashes target, file, level, names of the fields, and of the name that a program gave its
/// event.
fn site(event: &EventView<'_>) -> u64 {
    let metadata = event.metadata();
    // tracing's own name holds the path and the line.
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

/// Returns a file's path from its last `src/` on; without one, its name. `\` counts as `/`.
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
    use tracing::{error, warn};

    use super::{EventShape, source_file};
    use crate::handle::bench::captured;

    fn hashes(program: impl FnOnce()) -> Vec<u64> {
        let events = captured(program);
        let hashes = events
            .iter()
            .map(|event| EventShape::of(&event.view()).hash());
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
    fn a_problem_that_the_program_names_is_that_everywhere() {
        let told = hashes(|| {
            error!(fingerprint = "disk", "disk is full");
            warn!(fingerprint = "disk", left = 3, "disk is almost full");
        });
        assert_eq!(told[0], told[1]);
    }
}
