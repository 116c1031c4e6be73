//! The whole worker in simulated time: lives of a program, made of one number each, against
//! destinations that fail, and the rules checked after each step.
//!
//! Everything runs on the thread of the test. `LOGOUT_SEEDS` says how many lives; `LOGOUT_SEED`
//! lives one of them again.

use std::fmt::Write as _;

use self::program::{Life, What, templates};
use self::run::{Outcome, run};
use self::shrink::shrunk;
use crate::event::encoding::catch_panics;

mod chat;
mod clock;
mod destination;
mod model;
mod problem;
mod program;
mod run;
mod shrink;

/// How many lives a test lives unless told otherwise.
const SEEDS: u64 = 80;

#[test]
#[expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a seed that breaks a rule is there to be lived again"
)]
fn no_life_of_a_program_breaks_a_rule() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seeds = match number("LOGOUT_SEED") {
        Some(seed) => seed..=seed,
        None => 1..=number("LOGOUT_SEEDS").unwrap_or(SEEDS),
    };
    let mut sum = Outcome::default();
    for seed in seeds.clone() {
        let life = Life::of(seed);
        match lived(&life) {
            Ok(outcome) => {
                sum.events += outcome.events;
                sum.messages += outcome.messages;
            }
            Err(why) => {
                eprintln!("seed {seed} breaks a rule: {why}");
                panic!("{}", told(&life))
            }
        }
    }
    println!("{seeds:?}: {sum:?}");
}

fn lived(life: &Life) -> Result<Outcome, String> {
    catch_panics(|| run(life)).unwrap_or_else(|| Err("the simulation panicked".to_owned()))
}

/// Returns how a life breaks a rule, as briefly as it goes.
fn told(life: &Life) -> String {
    let rule = |why: String| {
        let why = why.split_once(": ").map_or(why.as_str(), |(_, why)| why);
        why.chars()
            .take_while(|sign| !sign.is_ascii_digit())
            .collect::<String>()
    };
    let broken = lived(life).err().map(rule);
    let short = shrunk(life, |life| lived(life).err().map(rule) == broken);
    let why = lived(&short).err().unwrap_or_default();
    let mut text = format!(
        "seed {}: {why}\nreplay: LOGOUT_SEED={} cargo test -p logout --lib simulation\n",
        life.seed, life.seed
    );
    for lane in short.lanes.iter().filter(|lane| lane.enabled) {
        let _infallible = writeln!(text, "  {lane:?}");
    }
    for step in &short.steps {
        let _infallible = write!(text, "  +{:?} {:?}", step.after, step.what);
        if let What::Log { template, .. } | What::Mute { template, .. } = &step.what {
            let event = &templates()[*template].event;
            let message = event.view().message().unwrap_or_default().into_owned();
            let _infallible = write!(text, " ({message})");
        }
        text.push('\n');
    }
    let _infallible = writeln!(
        text,
        "  settles: {}, end {:?}",
        short.settles, short.timeout
    );
    text
}
