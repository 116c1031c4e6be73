//! The trail of an event, a line each.

use crate::adapter::{Notice, TrailLine};
use crate::config::FieldSelection;
use crate::event::{EventView, LineView};
use crate::message::{Composer, is_shown};

impl Composer<'_> {
    /// Fills in the trail of an event, with the fields that a message shows.
    pub(super) fn add_trail(&self, notice: &mut Notice, event: &EventView<'_>) {
        let Some(trail) = event.trail() else {
            return;
        };
        notice.trail_cut = trail.is_cut();
        notice.trail = trail
            .lines()
            .filter(|line| self.rules.admit_line(line))
            .map(|line| {
                let mut told = TrailLine::new(line.time(), line.level(), self.line(&line));
                told.utc = self.utc;
                told
            })
            .collect();
    }

    /// Writes `charging card=visa`. Each text is scrubbed before they are joined.
    fn line(&self, line: &LineView<'_>) -> String {
        let message = line.message().map(|message| message.to_string());
        let message = message.map(|message| self.text(&message));
        let fields = line.fields().filter(|(name, _)| self.shows(name));
        let fields = fields.map(|(name, value)| {
            let field = self.field(name, &value);
            format!("{}={}", field.name, field.value)
        });
        let parts = message.into_iter().chain(fields);
        let parts: Vec<_> = parts.map(|part| one_line(&part)).collect();
        parts.join(" ")
    }

    fn shows(&self, name: &str) -> bool {
        is_shown(name)
            && match self.shown {
                FieldSelection::All => true,
                FieldSelection::Only(names) => names.iter().any(|shown| shown == name),
            }
    }
}

fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
