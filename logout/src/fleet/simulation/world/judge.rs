//! The checks at the end of a simulated fleet.

use std::collections::{HashMap, HashSet};

use super::{Message, Outcome, SPAN, World};

impl World {
    /// Compares what was sent with what was logged.
    pub(super) fn judge(&self) -> Result<Outcome, String> {
        let mut tellings: HashMap<u32, (u64, u64)> = HashMap::new();
        for (_, _, message) in &self.told {
            for id in &message.ids {
                let (told, marked) = tellings.entry(*id).or_default();
                *told += 1;
                *marked += u64::from(message.repeats);
            }
        }
        for id in 0..self.events {
            let (told, marked) = tellings.get(&id).copied().unwrap_or_default();
            if told == 0 && !self.lost.contains(&id) {
                return Err(format!("event {id} was never told: {:?}", self.faults));
            }
            if told - marked > 1 {
                return Err(format!(
                    "event {id} was told {told} times, {marked} of them marked: {:?}",
                    self.faults
                ));
            }
        }
        let repeats = self.told.iter().filter(|(_, _, one)| one.repeats).count();
        if repeats > 0 && self.faults.is_none() {
            return Err(format!(
                "{repeats} messages may come twice where nothing went wrong"
            ));
        }
        let is_bare = |message: &&Message| message.is_brief && !message.repeats;
        if let Some(bare) = self
            .told
            .iter()
            .map(|(_, _, message)| message)
            .find(is_bare)
        {
            return Err(format!(
                "no more than a line of what is new: {bare:?}: {:?}",
                self.faults
            ));
        }
        let left = self.broker.stream("lane").len();
        if left > 0 {
            return Err(format!("{left} entries are left in the stream"));
        }
        let alone: u64 = self.processes.iter().map(|one| one.falls).sum();
        self.judge_pace()?;
        Ok(Outcome {
            schedules: 1,
            events: self.events.into(),
            messages: self.told.len() as u64,
            repeats: repeats as u64,
            takeovers: self.processes.iter().map(|one| one.takeovers).sum(),
            alone,
            briefs: self.processes.iter().map(|one| one.briefs).sum(),
            keeps: self.processes.iter().map(|one| one.keeps).sum(),
        })
    }

    /// Checks the pace of members without a broker. All that count the same members keep one pace
    /// together, give or take a fraction of a second. Nothing binds those that count others, or
    /// never heard of any; and one may lead meanwhile.
    fn judge_pace(&self) -> Result<(), String> {
        let mut told: Vec<_> = self.told.iter().collect();
        told.sort_unstable_by_key(|(at, ..)| *at);
        for (index, (first, ..)) in told.iter().enumerate() {
            let behind = told.iter().skip(index);
            let second: Vec<_> = behind.take_while(|(at, ..)| at - first < SPAN).collect();
            let mut views = HashSet::new();
            for (_, index, one) in second.iter().filter(|(_, _, one)| one.is_alone) {
                let is_unheard = one.members.is_none();
                views.insert((one.members, is_unheard.then_some(index)));
            }
            if second.len() > 2 + views.len() {
                let second: Vec<_> = second
                    .iter()
                    .map(|(at, index, one)| (at, index, one.is_alone, one.members))
                    .collect();
                let faults = &self.faults;
                return Err(format!(
                    "too many messages in a second: {second:?} {faults:?}"
                ));
            }
        }
        Ok(())
    }
}
