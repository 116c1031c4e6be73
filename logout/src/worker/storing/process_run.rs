//! The start and end records of this process, and the event for a previous process that crashed.

use std::time::{Instant, SystemTime};

use super::Storing;
use crate::block::NoticeOf;
use crate::event::carried;
use crate::spool::history::{from_seconds, to_seconds};
use crate::spool::process_run::{CrashCause, ProcessRun};
use crate::spool::record::Record;
use crate::spool::{Image, Sync};
use crate::text::human::{events_that_follow, format_duration};
use crate::worker::{Clock, Worker};

impl<C: Clock> Storing<C> {
    fn put_life(&self, run: ProcessRun, sync: Sync) {
        let mut record = Vec::new();
        Record::Run(run).write(&mut record);
        let _lost_with_the_disk = self.writer.put(&record, sync);
    }
}

impl<T, C: Clock> Worker<T, C> {
    /// Reports a crash of the previous process if `notices` asks for it, and records the start of
    /// this one. `follow` is the number of its unsent events.
    pub(super) fn begin_run(&self, storing: &Storing<C>, image: &Image, follow: u64, now: Instant) {
        // After a panic of the worker the process is still the same.
        if storing.run.borrow().is_some() {
            return;
        }
        if !self.shared.sends_notice(NoticeOf::Crashed) {
            return self.end_previous_run(storing, image);
        }
        let wall = SystemTime::now();
        let mut run = ProcessRun::of_this_process(to_seconds(wall));
        if let Some(before) = &image.run {
            run.crashes.clone_from(&before.crashes);
            // If a write failed, it may have been the record of the end.
            if !before.has_ended && !image.is_doubtful {
                run.note_crash(before.crashes.clone(), run.started);
                self.report_crash(&run, before, image.last_sign, follow, now);
            }
        }
        storing.run.replace(Some(run));
        self.write_run(storing, Sync::Soon);
    }

    /// Marks the previous run as ended when crash notices are off, so that turning them on later
    /// does not report an old crash.
    fn end_previous_run(&self, storing: &Storing<C>, image: &Image) {
        if let Some(before) = image.run.as_ref().filter(|before| !before.has_ended) {
            let run = ProcessRun {
                has_ended: true,
                ..before.clone()
            };
            storing.put_life(run, Sync::Never);
        }
    }

    /// Records that this process has ended.
    pub(super) fn end_run(&self, storing: &Storing<C>) {
        if let Some(run) = &mut *storing.run.borrow_mut() {
            run.has_ended = true;
        }
        self.write_run(storing, Sync::Never);
    }

    /// Writes the record of this process.
    pub(super) fn write_run(&self, storing: &Storing<C>, sync: Sync) {
        if let Some(run) = &*storing.run.borrow() {
            storing.put_life(run.clone(), sync);
        }
    }

    /// Sends the notice that the program has started or stops, if `notices` asks for it.
    pub(in crate::worker) fn send_run_notice(&self, notice: NoticeOf) {
        if !self.shared.sends_notice(notice) || self.is_preview() {
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
            lane.state.borrow_mut().queue_run_notice(&text);
            lane.notify();
        }
        self.notified.set(true);
    }

    fn report_crash(
        &self,
        run: &ProcessRun,
        before: &ProcessRun,
        last_sign: u32,
        follow: u64,
        now: Instant,
    ) {
        let settings = self.settings();
        let project = &settings.origin.project;
        let text = crash_text(project, run, before, last_sign, follow, settings.utc);
        let event = carried::crash(&text, SystemTime::now());
        self.route_alone(&event.view(), now);
        self.note_events(true, now);
    }
}

/// Writes `shop ended without closing logout: killed, exit() or power (running since 08:00:02, last
/// sign of life 12:31:07, third time in an hour); 14 events that it had not sent follow`.
fn crash_text(
    project: &str,
    run: &ProcessRun,
    before: &ProcessRun,
    last_sign: u32,
    waits: u64,
    utc: bool,
) -> String {
    let cause = match run.crash_cause(before) {
        CrashCause::Memory => "the kernel killed a process of its group because memory ran out",
        CrashCause::Restart => "the machine was started anew",
        CrashCause::Unknown => "killed, exit() or power",
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
    let times = match run.crashes_within_an_hour(run.started) {
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
        let before = ProcessRun {
            started: 1_795_910_400,
            ..ProcessRun::default()
        };
        let mut run = ProcessRun {
            started: 1_795_912_000,
            ..ProcessRun::default()
        };
        run.note_crash(Vec::new(), run.started);
        let said =
            |run: &ProcessRun, sign, waits| crash_text("shop", run, &before, sign, waits, true);
        assert_eq!(
            said(&run, before.started, 0),
            "shop ended without closing logout: killed, exit() or power (running since 00:00:00)"
        );
        run.note_crash(vec![run.started - 60, run.started - 30], run.started);
        assert_eq!(
            said(&run, before.started + 90, 14),
            "shop ended without closing logout: killed, exit() or power (running since 00:00:00, \
             last sign of life 00:01:30, third time in an hour); 14 events follow that it had not sent"
        );
    }
}
