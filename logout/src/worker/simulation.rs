//! A simulation of the whole worker: scenarios made from a seed each, with destinations that fail,
//! in simulated time; the rules are checked after each step.
//!
//! Everything runs on the thread of the test. `LOGOUT_SEEDS` is the number of scenarios;
//! `LOGOUT_SEED` repeats one of them.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::run::{ScenarioOutcome, run};
use self::scenario::{Scenario, StepAction, templates};
use self::shrink::shrunk;
use crate::event::encoding::catch_panics;

mod chat;
mod clock;
mod destination;
mod lane_model;
mod model;
mod problem_model;
mod run;
mod scenario;
mod shrink;

/// The number of scenarios of a test unless told otherwise.
const SEEDS: u64 = 80;

/// Seeds of scenarios that broke a rule once.
const FOUND: [u64; 12] = [
    429, 632, 705, 1156, 1922, 2486, 2671, 5231, 6248, 6425, 9654, 9869,
];

#[test]
#[expect(clippy::print_stdout, reason = "tells how much was lived")]
fn no_scenario_breaks_a_rule() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seeds: Vec<u64> = match number("LOGOUT_SEED") {
        Some(seed) => vec![seed],
        None => {
            let all = 1..=number("LOGOUT_SEEDS").unwrap_or(SEEDS);
            FOUND.into_iter().chain(all).collect()
        }
    };
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| run_seeds(&seeds, &next)))
            .collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let broken = all.iter().filter_map(|(_, broken)| *broken).min();
    if let Some(index) = broken {
        panic!("{}", report(&Scenario::of(seeds[index])));
    }
    let sum = |of: fn(&ScenarioOutcome) -> u64| all.iter().map(|(sum, _)| of(sum)).sum::<u64>();
    println!(
        "{} lives, {} events, {} messages",
        seeds.len(),
        sum(|sum| sum.events),
        sum(|sum| sum.messages)
    );
}

/// Runs the next seed until none is left or one breaks a rule; returns the sum of the outcomes, and
/// which seed did.
fn run_seeds(seeds: &[u64], next: &AtomicUsize) -> (ScenarioOutcome, Option<usize>) {
    let mut sum = ScenarioOutcome::default();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(seed) = seeds.get(index) else {
            return (sum, None);
        };
        match outcome_of(&Scenario::of(*seed)) {
            Ok(outcome) => {
                sum.events += outcome.events;
                sum.messages += outcome.messages;
            }
            Err(why) => {
                // The other seeds need not be run any more.
                next.store(seeds.len(), Ordering::Relaxed);
                print_broken(*seed, &why);
                return (sum, Some(index));
            }
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a seed that breaks a rule is there to be lived again"
)]
fn print_broken(seed: u64, why: &str) {
    eprintln!("seed {seed} breaks a rule: {why}");
}

fn outcome_of(scenario: &Scenario) -> Result<ScenarioOutcome, String> {
    catch_panics(|| run(scenario)).unwrap_or_else(|| Err("the simulation panicked".to_owned()))
}

/// Returns how a scenario breaks a rule, as briefly as possible.
fn report(scenario: &Scenario) -> String {
    let rule = |why: String| {
        let why = why.split_once(": ").map_or(why.as_str(), |(_, why)| why);
        why.chars()
            .take_while(|sign| !sign.is_ascii_digit())
            .collect::<String>()
    };
    let broken = outcome_of(scenario).err().map(rule);
    let short = shrunk(scenario, |scenario| {
        outcome_of(scenario).err().map(rule) == broken
    });
    let why = outcome_of(&short).err().unwrap_or_default();
    let mut text = format!(
        "seed {}: {why}\nreplay: LOGOUT_SEED={} cargo test -p logout --lib simulation\n",
        scenario.seed, scenario.seed
    );
    for lane in short.lanes.iter().filter(|lane| lane.enabled) {
        let _infallible = writeln!(text, "  {lane:?}");
    }
    for step in &short.steps {
        let _infallible = write!(text, "  +{:?} {:?}", step.after, step.action);
        if let StepAction::Log { template, .. } | StepAction::Mute { template, .. } = &step.action {
            let event = &templates()[*template].event;
            let message = event.view().message().unwrap_or_default().into_owned();
            let _infallible = write!(text, " ({message})");
        }
        text.push('\n');
    }
    let _infallible = writeln!(
        text,
        "  room for {}, settles: {}, end {:?}",
        short.queue, short.settles, short.timeout
    );
    text
}
