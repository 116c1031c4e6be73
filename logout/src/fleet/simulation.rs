//! Fleets in simulated time, each derived from one number. Requests and answers are lost, doubled,
//! delayed and reordered; members are killed and frozen; the broker is away.
//!
//! `LOGOUT_SEEDS` says how many fleets; `LOGOUT_SEED` tries one of them again. The first of the
//! figures it prints is the number of schedules tried.

use self::world::{Outcome, World};

mod process;
mod world;

/// How many schedules a test tries by default.
const SEEDS: u64 = 60;

#[test]
#[expect(clippy::print_stdout, reason = "tells how much was tried")]
fn whatever_happens_to_the_network_each_event_is_told_and_doubles_are_marked() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seeds = match number("LOGOUT_SEED") {
        Some(seed) => seed..=seed,
        None => 1..=number("LOGOUT_SEEDS").unwrap_or(SEEDS),
    };
    let mut sum = Outcome::default();
    for seed in seeds {
        let outcome = World::of(seed).run();
        let replay = format!("LOGOUT_SEED={seed} cargo test -p logout --lib fleet::simulation");
        let outcome = outcome.unwrap_or_else(|why| panic!("seed {seed}: {why}\nreplay: {replay}"));
        sum.schedules += 1;
        sum.events += outcome.events;
        sum.messages += outcome.messages;
        sum.repeats += outcome.repeats;
        sum.takeovers += outcome.takeovers;
        sum.alone += outcome.alone;
        sum.briefs += outcome.briefs;
        sum.keeps += outcome.keeps;
    }
    println!("{sum:?}");
    if sum.schedules >= SEEDS {
        // Otherwise only a quiet network was tested.
        assert!(sum.takeovers > sum.schedules && sum.repeats > 0 && sum.alone > 0);
        assert!(sum.briefs > sum.schedules && sum.keeps > 0, "{sum:?}");
    }
}
