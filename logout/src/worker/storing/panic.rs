//! A panic on the worker's own thread in a process that aborts: nothing but the disk keeps it.

use std::time::{Instant, SystemTime};

use crate::event::{EventView, carried};
use crate::spool::Sync;
use crate::spool::record::{Record, StoredGroup, to_nanoseconds};
use crate::worker::BlockState;
use crate::worker::problems::Problems;

/// A number above all that the worker gives.
const FIRST_ID: u64 = 1 << 62;

impl BlockState {
    /// Writes a panic to disk for the next start, and waits for that until the deadline.
    pub(crate) fn store_panic(&self, event: &EventView<'_>, deadline: Instant) {
        let Some(writer) = self.writer.get().and_then(std::sync::Weak::upgrade) else {
            return;
        };
        let settings = self.settings();
        let (block, now) = (self.block, to_nanoseconds(SystemTime::now()));
        let mut problems = Problems::with_limit(self.memory.problems);
        let problem = problems.identify(event, false, Instant::now());
        let mut records = Vec::new();
        for (index, instance) in block.instances.iter().enumerate() {
            let is_wanted = self.levels.on() >> index & 1 == 1
                && self.admits(instance, event, problem.fingerprint);
            let Some(composer) = settings.composer(index).filter(|_| is_wanted) else {
                continue;
            };
            let mut stored = StoredGroup {
                id: (FIRST_ID | now).saturating_add(index as u64),
                lane: instance.name.to_owned(),
                fingerprint: problem.fingerprint,
                level: carried::level_number(event.level()),
                events: 1,
                last_time: to_nanoseconds(event.time()),
                written: now,
                origin: composer.stored_origin(),
                ..StoredGroup::default()
            };
            carried::write(event, &composer, &mut stored.first);
            Record::Group(stored).write(&mut records);
        }
        if writer.put(&records, Sync::Now).is_some() {
            let _late = writer.wait(self.spool_sync, deadline);
        }
    }
}
