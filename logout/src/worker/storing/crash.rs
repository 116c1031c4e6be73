//! The start and end records of this process, and the event for a previous process that crashed.

use std::time::{Instant, SystemTime};

use super::Storing;
use crate::block::NoticeOf;
use crate::event::carried;
use crate::spool::history::{from_seconds, to_seconds};
use crate::spool::life::{Cause, Life};
use crate::spool::record::Record;
use crate::spool::{Image, Sync};
use crate::text::human::{events_that_follow, format_duration};
use crate::worker::{Clock, Worker};

impl<C: Clock> Storing<C> {
    fn put_life(&self, life: Life, sync: Sync) {
        let mut record = Vec::new();
        Record::Life(life).write(&mut record);
        let _lost_with_the_disk = self.writer.put(&record, sync);
    }
}

impl<T, C: Clock> Worker<T, C> {
    /// Reports a crash of the previous process if `notices` asks for it, and records the start of
    /// this one. `follow` is the number of its unsent events.
    pub(super) fn begin_life(
        &self,
        storing: &Storing<C>,
        image: &Image,
        follow: u64,
        now: Instant,
    ) {
        // After a panic of the worker the process is still the same.
        if storing.life.borrow().is_some() {
            return;
        }
        if !self.shared.tells(NoticeOf::Crashed) {
            return self.forget_life(storing, image);
        }
        let wall = SystemTime::now();
        let mut life = Life::of_this_process(to_seconds(wall));
        if let Some(before) = &image.life {
            life.crashes.clone_from(&before.crashes);
            // If a write failed, it may have been the record of the end.
            if !before.has_ended && !image.is_doubtful {
                life.note_crash(before.crashes.clone(), life.started);
                self.tell_crash(&life, before, image.last_sign, follow, now);
            }
        }
        storing.life.replace(Some(life));
        self.write_life(storing, Sync::Soon);
    }

    /// Marks the previous run as ended when crash notices are off, so that turning them on later
    /// does not report an old crash.
    fn forget_life(&self, storing: &Storing<C>, image: &Image) {
        if let Some(before) = image.life.as_ref().filter(|before| !before.has_ended) {
            let life = Life {
                has_ended: true,
                ..before.clone()
            };
            storing.put_life(life, Sync::Never);
        }
    }

    /// Records that this process has ended.
    pub(super) fn end_life(&self, storing: &Storing<C>) {
        if let Some(life) = &mut *storing.life.borrow_mut() {
            life.has_ended = true;
        }
        self.write_life(storing, Sync::Never);
    }

    /// Writes the record of this process.
    pub(super) fn write_life(&self, storing: &Storing<C>, sync: Sync) {
        if let Some(life) = &*storing.life.borrow() {
            storing.put_life(life.clone(), sync);
        }
    }

    /// Sends the notice that the program has started or stops, if `notices` asks for it.
    pub(in crate::worker) fn tell_life(&self, notice: NoticeOf) {
        if !self.shared.tells(notice) || self.is_preview() {
            return;
        }
        let settings = self.settings();
        let origin = &settings.origin;
        let what = match notice {
            NoticeOf::Stopped => "stops",
            _ => "has started",
        };
        let text = format!("{} {} {what}", origin.project, origin.release);
        let text = text.replace("  ", " ");
        for lane in &self.lanes {
            lane.state.borrow_mut().tell_life(&text);
            lane.notify();
        }
        self.notified.set(true);
    }

    fn tell_crash(&self, life: &Life, before: &Life, last_sign: u32, follow: u64, now: Instant) {
        let settings = self.settings();
        let project = &settings.origin.project;
        let text = text(project, life, before, last_sign, follow, settings.utc);
        let event = carried::crash(&text, SystemTime::now());
        self.route_alone(&event.view(), now);
        self.note_events(true, now);
    }
}

/// Writes `shop ended without closing logout: killed, exit() or power (running since 08:00:02, last
/// sign of life 12:31:07, third time in an hour); 14 events that it had not sent follow`.
fn text(
    project: &str,
    life: &Life,
    before: &Life,
    last_sign: u32,
    waits: u64,
    utc: bool,
) -> String {
    let cause = match life.cause(before) {
        Cause::Memory => "the kernel killed a process of its group because memory ran out",
        Cause::Restart => "the machine was started anew",
        Cause::Unknown => "killed, exit() or power",
    };
    let at = |seconds| crate::message::time_of_day(from_seconds(seconds), utc);
    let ran = last_sign.saturating_sub(before.started);
    let since = match ran {
        0..=43_200 => format!("running since {}", at(before.started)),
        _ => format!(
            "running for {}",
            format_duration(std::time::Duration::from_secs(ran.into()))
        ),
    };
    let last = match last_sign > before.started {
        true => format!(", last sign of life {}", at(last_sign)),
        false => String::new(),
    };
    let times = match life.crashes_within_an_hour(life.started) {
        0 | 1 => String::new(),
        2 => ", second time in an hour".to_owned(),
        3 => ", third time in an hour".to_owned(),
        times => format!(", {times} times in an hour"),
    };
    let follow = match waits {
        0 => String::new(),
        waits => format!("; {} it had not sent", events_that_follow(waits)),
    };
    format!("{project} ended without closing logout: {cause} ({since}{last}{times}){follow}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_no_more_than_is_known() {
        let before = Life {
            started: 1_795_910_400,
            ..Life::default()
        };
        let mut life = Life {
            started: 1_795_912_000,
            ..Life::default()
        };
        life.note_crash(Vec::new(), life.started);
        let said = |life: &Life, sign, waits| text("shop", life, &before, sign, waits, true);
        assert_eq!(
            said(&life, before.started, 0),
            "shop ended without closing logout: killed, exit() or power (running since 00:00:00)"
        );
        life.note_crash(vec![life.started - 60, life.started - 30], life.started);
        assert_eq!(
            said(&life, before.started + 90, 14),
            "shop ended without closing logout: killed, exit() or power (running since 00:00:00, \
             last sign of life 00:01:30, third time in an hour); 14 events follow that it had not sent"
        );
    }
}
