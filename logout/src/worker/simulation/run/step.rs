//! The steps of a scenario, as the program takes them.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tracing::level_filters::LevelFilter;

use super::super::chat::{Chats, LANES};
use super::super::lane_model::{Checked, REMINDER_GAP};
use super::super::scenario::{SettingChange, StepAction, templates};
use super::{AwaitedFlush, Simulation, figment};
use crate::config;
use crate::event::{Event, Fingerprint};
use crate::worker::Clock as _;
use crate::worker::change::Change;
use crate::worker::control::{Command, Reply};
use crate::worker::dispatch::Dispatcher as _;
use crate::worker::settings::LiveSettings;

impl Simulation<'_> {
    pub(super) fn take_step(&mut self, action: &StepAction) -> Checked {
        let now = self.clock.now();
        match action {
            StepAction::Log { template, times } => (0..*times).for_each(|_| self.log(*template)),
            StepAction::Faults { lane, faults } => {
                self.destinations.set(*lane, *faults);
                self.model.lanes[*lane].free_since = now;
            }
            StepAction::Change { lane, setting } => self.change(*lane, setting)?,
            StepAction::Mute { template, lasts } => {
                if let Some(fingerprint) = fingerprint(*template) {
                    let until = now + *lasts;
                    // A later call replaces an earlier one.
                    let digits = &templates()[*template].fingerprint;
                    let is_other = |known: usize| templates()[known].fingerprint != *digits;
                    self.muted.retain(|(known, _)| is_other(*known));
                    self.muted.push((*template, until));
                    let muted = self.shared.change(|live| {
                        live.mutes.mute(fingerprint, until, now);
                        Ok(())
                    });
                    muted.map_err(|error| error.to_string())?;
                }
            }
            StepAction::Unmute { template } => {
                if let Some(fingerprint) = fingerprint(*template) {
                    let digits = &templates()[*template].fingerprint;
                    let is_other = |known: usize| templates()[known].fingerprint != *digits;
                    self.muted.retain(|(known, _)| is_other(*known));
                    let unmuted = self.shared.change(|live| {
                        live.mutes.unmute(fingerprint);
                        Ok(())
                    });
                    unmuted.map_err(|error| error.to_string())?;
                }
            }
            StepAction::Flush { timeout, reachable } => self.flush(now + *timeout, *reachable),
            StepAction::Disable { lane, timeout } => self.disable(*lane, now + *timeout)?,
            StepAction::Enable { lane } => self.enable(*lane)?,
            StepAction::Reload { key } => self.reload(*key)?,
            StepAction::Panic { after } => {
                self.panics = true;
                self.clock.panic_after(*after);
            }
        }
        Ok(())
    }

    fn log(&mut self, template: usize) {
        let known = &templates()[template];
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let time = time + self.clock.elapsed();
        let (metadata, spans_at, bytes) = known.event.parts();
        if known.is_panic {
            let event = Event::new(metadata, time, spans_at, bytes);
            self.shared.queue.push_panic(event);
        } else {
            self.shared.queue.push(metadata, time, spans_at, bytes);
        }
        let now = self.clock.now();
        let is_muted = self.muted.iter().any(|(muted, until)| {
            *until > now && templates()[*muted].fingerprint == known.fingerprint
        });
        for (index, lane) in self.model.lanes.iter_mut().enumerate() {
            let wants =
                self.setups[index].enabled && (self.levels[index] >= known.level || known.is_panic);
            if wants {
                lane.logged(known, is_muted, now);
            }
        }
    }

    fn flush(&mut self, deadline: Instant, reachable: bool) {
        let reply = Arc::new(Reply::default());
        let command = match reachable {
            true => Command::FlushReachable {
                deadline,
                reply: Arc::clone(&reply),
            },
            false => Command::Flush {
                deadline,
                reply: Arc::clone(&reply),
            },
        };
        let now = self.clock.now();
        self.model.awaited = Some(now.max(deadline));
        self.model.awaited_until = self.model.awaited_until.max(Some(deadline));
        if self.shared.control.send(command) {
            self.flushes.push(AwaitedFlush {
                reply,
                deadline,
                reachable,
                accepted: self.model.lanes.iter().map(|lane| lane.accepted).collect(),
            });
        }
    }

    fn change(&mut self, lane: usize, setting: &SettingChange) -> Checked {
        let model = &mut self.model.lanes[lane];
        let mut change = Change::new();
        match setting {
            SettingChange::Level(level) => {
                self.levels[lane] = *level;
                change.level = Some(*level);
            }
            SettingChange::Remind(steps) => {
                model.by_default = false;
                // The next event of a problem reports what was counted until now.
                model.tells_some_at_once |= steps.is_empty();
                if let Some(first) = steps.first() {
                    model.gap = Duration::from_secs((*first).min(60)) / 6;
                }
                let steps = steps.iter().map(|step| Duration::from_secs(*step));
                change.remind = Some(steps.collect());
            }
            SettingChange::RemindFrom(from) => {
                model.by_default = false;
                model.tells_some_at_once |= *from < LevelFilter::WARN;
                change.remind_from = Some(*from);
            }
            SettingChange::Quiet(quiet) => {
                model.by_default = false;
                change.quiet = Some(*quiet);
            }
            SettingChange::QuietNotice(tells) => change.quiet_notice = Some(*tells),
            SettingChange::MentionEvery(every) => {
                model.mention_every = *every;
                change.mention_every = Some(*every);
            }
        }
        let block = self.shared.block;
        let changed = self
            .shared
            .change(|live| live.apply(block, Some(lane), &change));
        changed.map_err(|error| error.to_string())
    }

    fn disable(&mut self, lane: usize, deadline: Instant) -> Checked {
        self.disabled[lane] = true;
        self.model.awaited = Some(deadline);
        let (shared, reply) = (&self.shared, Arc::new(Reply::default()));
        let disabled = shared.change(|live| {
            live.instances[lane].disabled = true;
            shared.control.send(Command::Disable {
                lane,
                deadline,
                reply,
            });
            Ok(())
        });
        disabled.map_err(|error| error.to_string())
    }

    fn enable(&mut self, lane: usize) -> Checked {
        if !self.setups[lane].enabled {
            return Ok(());
        }
        self.disabled[lane] = false;
        let enabled = self.shared.change(|live| {
            live.instances[lane].disabled = false;
            live.instances[lane].enables += 1;
            Ok(())
        });
        enabled.map_err(|error| error.to_string())
    }

    fn reload(&mut self, key: u32) -> Checked {
        let read = config::from_figment(Chats::read, figment(&self.setups, key, self.queue));
        let (next, settings) = read.map_err(|error| error.to_string())?;
        let leads_elsewhere = std::mem::replace(&mut self.key, key) != key;
        let block = self.shared.block;
        let dispatch = self.dispatch;
        let reloaded = self.shared.change(|live| {
            *live = LiveSettings::new(block, settings).succeeding(live);
            dispatch.succeed(&next);
            Ok(())
        });
        self.levels = [LevelFilter::INFO; LANES.len()];
        for lane in 0..LANES.len() {
            if leads_elsewhere {
                self.model.resume(lane, self.clock.now());
            }
            self.model.lanes[lane].mention_every = Duration::from_secs(300);
            self.model.lanes[lane].gap = REMINDER_GAP;
        }
        self.model.awaited = Some(self.clock.now());
        reloaded.map_err(|error| error.to_string())
    }
}

fn fingerprint(template: usize) -> Option<Fingerprint> {
    templates()[template].fingerprint.as_ref()?.parse().ok()
}
