//! Shrinking of a scenario that breaks a rule.

use std::time::Duration;

use super::scenario::{Scenario, StepAction};

/// The number of scenarios tried at most.
const MOST_TRIES: usize = 600;

/// Returns the scenario without the steps, and with simpler values, that it does not need to break
/// the rule.
pub(super) fn shrunk(scenario: &Scenario, mut breaks: impl FnMut(&Scenario) -> bool) -> Scenario {
    let mut tries = 0;
    let mut breaks = |scenario: &Scenario| {
        tries += 1;
        tries <= MOST_TRIES && breaks(scenario)
    };
    let mut best = scenario.clone();
    loop {
        let before = best.steps.len();
        best = without_steps(best, &mut breaks);
        best = with_simpler_steps(best, &mut breaks);
        if best.steps.len() == before {
            return best;
        }
    }
}

/// Removes steps, many at a time and then few, at first without keeping the time of later ones.
fn without_steps(mut best: Scenario, breaks: &mut impl FnMut(&Scenario) -> bool) -> Scenario {
    for keeps_time in [false, true] {
        let mut size = best.steps.len().max(1).next_power_of_two();
        while size > 0 {
            let mut start = 0;
            while start < best.steps.len() {
                let end = (start + size).min(best.steps.len());
                let mut shorter = best.clone();
                let left_out: Duration =
                    shorter.steps.drain(start..end).map(|step| step.after).sum();
                if keeps_time && let Some(next) = shorter.steps.get_mut(start) {
                    next.after += left_out;
                }
                if breaks(&shorter) {
                    best = shorter;
                } else {
                    start = end;
                }
            }
            size /= 2;
        }
    }
    best
}

fn with_simpler_steps(mut best: Scenario, breaks: &mut impl FnMut(&Scenario) -> bool) -> Scenario {
    let mut keep = |simpler: Scenario, best: &mut Scenario| {
        if breaks(&simpler) {
            *best = simpler;
        }
    };
    for lane in 0..best.lanes.len() {
        if best.lanes[lane].enabled {
            let mut simpler = best.clone();
            simpler.lanes[lane].enabled = false;
            keep(simpler, &mut best);
        }
    }
    let mut simpler = best.clone();
    simpler.queue = 99_999;
    keep(simpler, &mut best);
    for index in 0..best.steps.len() {
        let round = Duration::from_secs(best.steps[index].after.as_secs());
        for after in [Duration::ZERO, Duration::from_secs(1), round] {
            if best.steps[index].after > after {
                let mut simpler = best.clone();
                simpler.steps[index].after = after;
                keep(simpler, &mut best);
            }
        }
        if let StepAction::Log { template, times } = best.steps[index].action {
            for (template, times) in [(0, 1), (template, 1), (0, times)] {
                let mut simpler = best.clone();
                simpler.steps[index].action = StepAction::Log { template, times };
                keep(simpler, &mut best);
            }
        }
    }
    best
}
