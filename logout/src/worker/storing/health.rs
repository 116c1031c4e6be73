//! The health of the disk, and the reports on it.

#[cfg(feature = "verify")]
use std::sync::Arc;

use super::Storing;
use crate::adapter::Notice;
#[cfg(feature = "verify")]
use crate::adapter::{Finding, Outcome};
use crate::message::Composer;
use crate::spool::{Health, Sync};
#[cfg(feature = "verify")]
use crate::worker::control::Verification;
use crate::worker::stats::SpoolState;
use crate::worker::{Clock, Worker};

impl<T, C: Clock> Worker<T, C> {
    /// Takes in what the writer found, and reports what has changed.
    pub(super) fn check_disk(&self, storing: &Storing<C>) {
        for note in storing.writer.take_notes() {
            self.say(&format!("spool: {note}"));
        }
        // The health is read before the image: once the log is open there is an image, and nothing
        // is written before it is restored.
        let health = storing.writer.health();
        if let Some(image) = storing.writer.take_image() {
            self.restore(storing, &image);
        }
        let is_ready = health == Health::Ready;
        let failures = storing.writer.failures();
        let has_failed = storing.failures.replace(failures) != failures;
        if has_failed {
            // What was handed over meanwhile is lost, and so may be what was on disk.
            for lane in &self.lanes {
                let units = &mut lane.state.borrow_mut().stored.units;
                units.values_mut().for_each(|unit| unit.batch = None);
            }
            storing.has_lost_history.set(true);
            storing.has_lost_run.set(true);
            storing.over_at.set(None);
        }
        let was_ready = storing.was_ready.replace(is_ready);
        if is_ready && (has_failed || !was_ready) {
            // Events that come while the disk cannot be written are not noted.
            storing.schedule_write(self.now());
        }
        if is_ready && storing.has_lost_run.take() {
            self.write_run(storing, Sync::Soon);
        }
        self.say_health(storing, &health);
        #[cfg(feature = "verify")]
        self.answer_about_disk(storing, &health);
        let state = match health {
            Health::Opening => SpoolState::Opening,
            Health::Ready => SpoolState::Ready,
            Health::Failed(_) => SpoolState::Failed,
        };
        let bytes = storing.writer.length();
        let oldest = storing.oldest.get().filter(|_| is_ready);
        self.shared.spool_stats.set(state, bytes, oldest);
    }

    /// Reports when the disk cannot be used, and when it can again.
    fn say_health(&self, storing: &Storing<C>, health: &Health) {
        let is_said = |why: &String| storing.said.borrow().as_ref() == Some(why);
        match health {
            Health::Failed(why) if !is_said(why) => {
                let directory = self.shared.spool_directory().unwrap_or_default();
                self.say(&format!(
                    "spool: what waits is not kept in {directory}: {why}; it is tried again every 30 s"
                ));
                storing.said.replace(Some(why.clone()));
            }
            Health::Ready => {
                let over_at = storing.over_at.get();
                let is_over = over_at.is_some_and(|batch| storing.writer.written() >= batch);
                if is_over && storing.said.take().is_some() {
                    self.say("spool: what waits is kept on disk again");
                }
            }
            _ => {}
        }
    }

    /// Adds to a report that the disk cannot be used.
    pub(in crate::worker) fn tell_disk_fault(
        &self,
        composer: &Composer<'_>,
        mut report: Notice,
    ) -> Notice {
        let said = self.storing.as_ref().map(|storing| storing.said.borrow());
        if let Some(why) = said.as_ref().and_then(|said| said.as_ref()) {
            report.body += "\nWhat waits is not kept on disk: ";
            report.body += &composer.text(why);
        }
        report
    }

    /// Requests a write check of the disk.
    #[cfg(feature = "verify")]
    pub(in crate::worker) fn ask_disk(&self, verification: &Arc<Verification>) {
        if let Some(storing) = &self.storing {
            let number = storing.writer.request_check();
            let asked = (number, Arc::clone(verification));
            storing.asked.borrow_mut().push(asked);
        }
    }

    #[cfg(feature = "verify")]
    fn answer_about_disk(&self, storing: &Storing<C>, health: &Health) {
        let answered = storing.writer.last_check();
        storing.asked.borrow_mut().retain(|(number, verification)| {
            if *number > answered {
                return true;
            }
            let directory = self.shared.spool_directory().unwrap_or_default();
            let (outcome, text) = match health {
                Health::Failed(why) => (
                    Outcome::Wrong,
                    format!("what waits is not kept in {directory}: {why}"),
                ),
                _ => (Outcome::Fine, format!("what waits is kept in {directory}")),
            };
            let finding = Finding::new(self.shared.block.name, outcome, self.shown(&text));
            verification.answer(self.lanes.len(), finding);
            false
        });
    }
}
