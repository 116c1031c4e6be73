//! What is held of a fleet whose time is over.

use std::collections::HashMap;

use super::{Outcome, SPAN, World};

impl World {
    /// Holds what was told against what was logged.
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
                return Err(format!("event {id} was never told: {:?}", self.trouble));
            }
            if told - marked > 1 {
                return Err(format!(
                    "event {id} was told {told} times, {marked} of them marked: {:?}",
                    self.trouble
                ));
            }
        }
        let left = self.broker.stream("lane").len();
        if left > 0 {
            return Err(format!("{left} entries are left in the stream"));
        }
        let alone: u64 = self.processes.iter().map(|one| one.falls).sum();
        // Two that are alone may be a fraction of a second apart, and one may lead. Where they never
        // heard of each other before the broker went away, nothing binds them; nor does it bind one that
        // never heard of the others.
        let is_known = self.trouble.outage.is_none_or(|(from, _)| from >= 10_000);
        let unheard = self.processes.iter().filter(|one| one.is_unheard).count();
        let most = match alone {
            0 => 2,
            _ if is_known => 3 + unheard,
            _ => 2 + self.processes.len(),
        };
        let at = self.told.iter();
        let mut at: Vec<_> = at
            .map(|(at, index, one)| (*at, *index, one.is_alone))
            .collect();
        at.sort_unstable();
        if let Some(window) = at
            .windows(most + 1)
            .find(|window| window[most].0 - window[0].0 < SPAN)
        {
            return Err(format!(
                "too many messages in a second: {window:?} {:?}",
                self.trouble
            ));
        }
        Ok(Outcome {
            schedules: 1,
            events: self.events.into(),
            messages: self.told.len() as u64,
            repeats: self.told.iter().filter(|(_, _, one)| one.repeats).count() as u64,
            takeovers: self.processes.iter().map(|one| one.takeovers).sum(),
            alone,
        })
    }
}
