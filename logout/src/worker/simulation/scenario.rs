//! The scenario of a simulation: what the program and its destinations do, made from a seed.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tracing::level_filters::LevelFilter;
use tracing::{Level, error, info, warn};

use super::chat::LANES;
use super::destination::{Faults, SimulatedAnswer};
use crate::event::{Event, panic};
use crate::handle::bench::captured;
use crate::message::{NAMED, is_route};
use crate::worker::problems::Problems;

/// An event that a scenario logs repeatedly.
#[derive(Debug)]
pub(super) struct EventTemplate {
    pub(super) event: Event,
    pub(super) level: Level,
    pub(super) is_panic: bool,
    /// The first digits of its problem; `None` if earlier events decide.
    pub(super) fingerprint: Option<String>,
}

/// Returns the events that scenarios log.
pub(super) fn templates() -> &'static [EventTemplate] {
    static TEMPLATES: OnceLock<Vec<EventTemplate>> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let central = captured(|| {
            for text in [
                "payment failed: timeout",
                "cart is empty at checkout",
                "stock service went away",
                "no mail could be sent today",
                "poison in the well",
                "report with a file attached",
            ] {
                error!("{text}");
            }
            warn!("cache is cold");
            warn!("disk is almost full");
            warn!("queue grows");
            info!("started");
            info!("order 17 shipped");
            error!(fingerprint = "disk", "disk is full");
            warn!(fingerprint = "disk", "disk fills");
            error!(zulip_topic = "stock", "shelf is empty");
            error!(zulip_topic = "mail", "letter came back");
        });
        let varying = captured(|| {
            for word in [
                "red", "green", "blue", "black", "white", "brown", "pink", "grey", "teal", "plum",
                "rust", "gold",
            ] {
                error!("lamp {word} does not shine");
            }
        });
        let panics = ["index out of bounds", "the shelf fell"].map(|message| {
            panic::event(&panic::Panic {
                thread: "",
                message,
                file: "src/cart.rs",
                line: 41,
                backtrace: "",
                spans: &[],
                most: 4_096,
            })
        });
        let mut problems = Problems::with_limit(1_000);
        let mut known = |event: Event, is_one: bool| {
            let view = event.view();
            let is_plain = !view.has_field(|name| name == NAMED || is_route(name));
            let problem = problems.identify(&view, !is_plain, Instant::now());
            let digits = format!("{:016x}", problem.fingerprint);
            EventTemplate {
                level: view.level(),
                is_panic: view.is_panic(),
                fingerprint: is_one.then(|| digits[..6].to_owned()),
                event,
            }
        };
        let central: Vec<_> = central.into_iter().map(|one| known(one, true)).collect();
        let panics: Vec<_> = panics.into_iter().map(|one| known(one, true)).collect();
        let varying = varying.into_iter().map(|one| known(one, false));
        central.into_iter().chain(panics).chain(varying).collect()
    })
}

/// A change of the configuration.
#[derive(Clone, Debug)]
pub(super) enum SettingChange {
    Level(LevelFilter),
    /// The steps in seconds; none is `off`.
    Remind(Vec<u64>),
    RemindFrom(LevelFilter),
    Quiet(Duration),
    QuietNotice(bool),
    MentionEvery(Duration),
}

/// The action of a step.
#[derive(Clone, Debug)]
pub(super) enum StepAction {
    Log {
        template: usize,
        times: usize,
    },
    Faults {
        lane: usize,
        faults: Faults,
    },
    Change {
        lane: usize,
        setting: SettingChange,
    },
    Mute {
        template: usize,
        lasts: Duration,
    },
    Unmute {
        template: usize,
    },
    Flush {
        timeout: Duration,
        reachable: bool,
    },
    Disable {
        lane: usize,
        timeout: Duration,
    },
    Enable {
        lane: usize,
    },
    Reload {
        key: u32,
    },
    /// The worker panics after this many calls of `now`.
    Panic {
        after: u32,
    },
}

#[derive(Clone, Debug)]
pub(super) struct ScenarioStep {
    /// The time since the step before it.
    pub(super) after: Duration,
    pub(super) action: StepAction,
}

/// The configuration of one destination.
#[derive(Clone, Copy, Debug)]
pub(super) struct DestinationSetup {
    pub(super) enabled: bool,
    pub(super) place: usize,
    pub(super) requests: usize,
    pub(super) per: Duration,
    pub(super) mentions: bool,
}

/// A scenario: all that happens in one simulation.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    pub(super) seed: u64,
    pub(super) lanes: [DestinationSetup; LANES.len()],
    pub(super) steps: Vec<ScenarioStep>,
    /// The number of waiting events from which others are discarded.
    pub(super) queue: usize,
    /// Whether it ends with hours in which nothing is logged and every destination is free.
    pub(super) settles: bool,
    /// The timeout of the shutdown.
    pub(super) timeout: Duration,
}

impl Scenario {
    pub(super) fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let with_faults = rng.u8(..10) < 6;
        let with_changes = rng.u8(..10) < 4;
        let is_shared = rng.bool();
        let windows = [
            (1, 1_000),
            (1, 3_000),
            (5, 2_000),
            (200, 60_000),
            (20, 60_000),
        ];
        let of_all = windows[rng.usize(..windows.len())];
        let count = rng.usize(1..=LANES.len());
        let mut lanes = [0, 1, 2].map(|lane| {
            let place = if is_shared { 0 } else { lane };
            let (requests, milliseconds) = match is_shared {
                true => of_all,
                false => windows[rng.usize(..windows.len())],
            };
            DestinationSetup {
                enabled: lane < count,
                place,
                requests,
                per: Duration::from_millis(milliseconds),
                mentions: rng.u8(..4) > 0,
            }
        });
        if count == 1 && rng.u8(..3) == 0 {
            // The lane that sends each problem alone.
            lanes
                .iter_mut()
                .for_each(|lane| lane.enabled = !lane.enabled);
            lanes[1].enabled = false;
        }
        let mut steps = Vec::new();
        for _ in 0..rng.usize(3..50) {
            add_steps(&mut steps, with_faults, with_changes, &mut rng);
        }
        let settles = rng.u8(..3) > 0;
        let timeout = span(&mut rng, 0, 60_000);
        if rng.u8(..10) == 0 {
            let action = StepAction::Panic {
                after: rng.u32(..400),
            };
            let after = Duration::ZERO;
            steps.insert(rng.usize(..=steps.len()), ScenarioStep { after, action });
        }
        let queue = match rng.u8(..10) {
            0 => rng.usize(2..40),
            _ => 99_999,
        };
        Self {
            seed,
            lanes,
            steps,
            queue,
            settles,
            timeout,
        }
    }
}

/// Returns a span of milliseconds, with all orders of magnitude equally likely.
fn span(rng: &mut Rng, least: u64, most: u64) -> Duration {
    let (least, most) = ((least + 1) as f64, (most + 1) as f64);
    let exponent = least.ln() + rng.f64() * (most.ln() - least.ln());
    Duration::from_millis(exponent.exp() as u64 - 1)
}

fn add_steps(steps: &mut Vec<ScenarioStep>, with_faults: bool, with_changes: bool, rng: &mut Rng) {
    let most = templates().len();
    let template = match rng.u8(..3) {
        0 => rng.usize(..most),
        _ => rng.usize(..most.min(9)),
    };
    let lane = rng.usize(..LANES.len());
    let after = match rng.u8(..20) {
        0 => span(rng, 600_000, 9_000_000),
        1..5 => span(rng, 10_000, 900_000),
        5..9 => span(rng, 1_000, 20_000),
        _ => span(rng, 5, 2_000),
    };
    let action = match rng.u8(..40) {
        0..16 => StepAction::Log { template, times: 1 },
        16..19 => StepAction::Log {
            template,
            times: rng.usize(2..40),
        },
        19..22 => {
            let every = span(rng, 5, 400_000);
            for _ in 0..rng.usize(2..25) {
                steps.push(ScenarioStep {
                    after: every,
                    action: StepAction::Log { template, times: 1 },
                });
            }
            return;
        }
        22..25 => {
            for _ in 0..rng.usize(2..20) {
                steps.push(ScenarioStep {
                    after: Duration::ZERO,
                    action: StepAction::Log {
                        template: rng.usize(..most),
                        times: 1,
                    },
                });
            }
            return;
        }
        25..31 if with_faults => StepAction::Faults {
            lane,
            faults: faults(rng),
        },
        31..33 => StepAction::Flush {
            timeout: span(rng, 0, 60_000),
            reachable: rng.u8(..4) == 0,
        },
        33..36 if with_changes => StepAction::Change {
            lane,
            setting: setting(rng),
        },
        36 if with_changes => StepAction::Mute {
            template,
            lasts: span(rng, 1_000, 3_600_000),
        },
        37 if with_changes => StepAction::Unmute { template },
        38 if with_changes => match rng.bool() {
            true => StepAction::Disable {
                lane,
                timeout: span(rng, 0, 30_000),
            },
            false => StepAction::Enable { lane },
        },
        39 if with_changes => StepAction::Reload { key: rng.u32(..3) },
        _ => StepAction::Log { template, times: 1 },
    };
    steps.push(ScenarioStep { after, action });
}

fn faults(rng: &mut Rng) -> Faults {
    let answer = match rng.u8(..16) {
        0..3 => SimulatedAnswer::Takes,
        3 => SimulatedAnswer::Status(400),
        4 => SimulatedAnswer::Status(500),
        5 => SimulatedAnswer::Status(503),
        6 => SimulatedAnswer::Status(404),
        7 => match rng.u8(..4) {
            0 => SimulatedAnswer::Status(410),
            _ => SimulatedAnswer::Page(503),
        },
        8 => SimulatedAnswer::Limits(None),
        9 => SimulatedAnswer::Limits(Some(rng.u16(..4))),
        10 => SimulatedAnswer::Limits(Some(rng.u16(..900))),
        11 => SimulatedAnswer::Page(403),
        12 => SimulatedAnswer::NotSent,
        13 => SimulatedAnswer::Lost {
            arrives: rng.bool(),
        },
        14 => SimulatedAnswer::Hangs {
            arrives: rng.bool(),
        },
        _ => SimulatedAnswer::Rejected,
    };
    Faults {
        answer,
        delay: span(rng, 1, 8_000),
        requests: match rng.u8(..3) {
            0 => rng.u32(1..3),
            1 => rng.u32(1..20),
            _ => u32::MAX,
        },
    }
}

fn setting(rng: &mut Rng) -> SettingChange {
    let levels = [LevelFilter::ERROR, LevelFilter::WARN, LevelFilter::INFO];
    match rng.u8(..7) {
        0 => SettingChange::Level(levels[rng.usize(..3)]),
        1 => SettingChange::Remind(Vec::new()),
        2 => SettingChange::Remind(vec![60, 300, 1_800, 7_200]),
        3 => SettingChange::Remind(vec![rng.u64(1..100), rng.u64(100..5_000)]),
        4 => SettingChange::RemindFrom(levels[rng.usize(..3)]),
        5 => match rng.bool() {
            true => SettingChange::Quiet(span(rng, 1_000, 3_600_000)),
            false => SettingChange::MentionEvery(span(rng, 1_000, 3_600_000)),
        },
        _ => SettingChange::QuietNotice(rng.bool()),
    }
}
