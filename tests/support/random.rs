//! Random durations: the same ones in each run, until `LOGOUT_SEED` asks for others and `LOGOUT_ROUNDS` for
//! more of them.

use std::env;
use std::time::Duration;

pub(crate) const SEED: &str = "LOGOUT_SEED";
const ROUNDS: &str = "LOGOUT_ROUNDS";

/// Returns the variables that pass seed and rounds to a process with an empty environment.
pub(crate) fn seed_variables() -> impl Iterator<Item = (&'static str, String)> {
    let given = |name| Some((name, env::var(name).ok()?));
    [SEED, ROUNDS].into_iter().filter_map(given)
}

/// The random durations of one test.
pub(crate) struct RandomDurations {
    random: fastrand::Rng,
    rounds: u32,
}

impl RandomDurations {
    /// Starts `rounds` rounds, unless the environment says otherwise.
    pub(crate) fn new(rounds: u32) -> Self {
        let seed = number(SEED).unwrap_or(1);
        println!("{SEED}={seed}");
        Self {
            random: fastrand::Rng::with_seed(seed),
            rounds: number(ROUNDS).map_or(rounds, |rounds| u32::try_from(rounds).unwrap()),
        }
    }

    pub(crate) fn rounds(&self) -> u32 {
        self.rounds
    }

    pub(crate) fn number_below(&mut self, most: u64) -> u64 {
        self.random.u64(0..most)
    }

    /// Waits for a time below `most`.
    pub(crate) fn wait(&mut self, most: Duration) {
        let micros = u64::try_from(most.as_micros()).unwrap();
        std::thread::sleep(Duration::from_micros(self.number_below(micros)));
    }
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap())
}
