//! Instructions per event on the thread that logs, counted by callgrind.
//!
//! ```text
//! cargo bench -p logout --bench instructions            # compares; fails where something grew
//! cargo bench -p logout --bench instructions -- --save  # writes baseline.txt
//! ```
//!
//! Limits: W1 (a `debug!` nobody wants) 8; W1b (another layer wants it) what the floor costs
//! behind `.with_filter(LevelFilter)`, counted beside it, and six more, with which a filter that
//! asks about more than a level keeps its answer; W2 (`error!` without fields) 850; W3 (`warn!` with
//! four fields) 1,350; W4 (the same in three spans) 2,400; W4s (three spans with two fields) 7,500;
//! W3 where the queue is full, which is counted and dropped, 475.
//! On the compiler that `baseline.txt` names nothing may grow by more than 5 % either.

use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Duration;
use std::{env, fs};

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;

#[path = "floor.rs"]
mod floor;
#[path = "gate.rs"]
mod gate;
#[path = "workloads.rs"]
mod workloads;

use floor::Floor;
use gate::Held;
use workloads::{Hot, Sink, in_spans, start, subscriber, w1, w2, w3};

/// Each workload with its limit; where there is none it is the floor and [`ANSWER`].
const LIMITS: [(&str, f64); 7] = [
    ("w1", 8.0),
    ("w1b", f64::INFINITY),
    ("w2", 850.0),
    ("w3", 1_350.0),
    ("w4", 2_400.0),
    ("w4s", 7_500.0),
    (DISCARDED, 475.0),
];

/// What it costs a filter that asks about more than a level to keep its answer: two, and up to four
/// more for how builds differ in what they inline.
const ANSWER: f64 = 6.0;

/// W3 that finds the queue full. The floor has no such thing.
const DISCARDED: &str = "discarded";

/// The least that a layer behind `.with_filter` can do, for comparison.
const FLOOR: &str = "floor-";

/// By how much a count may grow on one compiler.
const GROWTH: f64 = 1.05;

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/baseline.txt");

/// How many events are counted: so many batches of so many.
const BATCHES: u32 = 20;
const BATCH: u32 = 12;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(("--run", workload)) = arguments
        .first()
        .map(String::as_str)
        .zip(arguments.get(1).map(String::as_str))
    {
        if workload == DISCARDED {
            run_discarded();
        } else {
            run(workload);
        }
        return ExitCode::SUCCESS;
    }
    match check(arguments.iter().any(|argument| argument == "--save")) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("the instructions could not be counted: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Counts all workloads and compares them with limits and baseline.
fn check(save: bool) -> Result<bool, Box<dyn Error>> {
    let compiler = compiler()?;
    let baseline = fs::read_to_string(BASELINE).unwrap_or_default();
    let same_compiler = baseline.lines().next() == Some(compiler.as_str());
    if !same_compiler && !save {
        println!(
            "skipped: the baseline is of another compiler ({}); only the limits count",
            baseline.lines().next().unwrap_or("none")
        );
    }
    let mut counts = Vec::new();
    for (workload, _) in LIMITS {
        counts.push((workload, least(workload)?));
    }
    let mut good = true;
    let mut lines = format!("{compiler}\n");
    println!("| workload | instructions | limit | baseline | floor |\n|---|--:|--:|--:|--:|");
    for ((workload, count), (_, limit)) in counts.iter().zip(LIMITS) {
        let floor = if *workload == DISCARDED {
            f64::NAN
        } else {
            self::count(&format!("{FLOOR}{workload}"))?
        };
        let limit = if limit.is_finite() {
            limit
        } else {
            floor + ANSWER
        };
        let before = baseline.lines().find_map(|line| {
            line.strip_prefix(workload)?
                .strip_prefix(' ')?
                .parse::<f64>()
                .ok()
        });
        let grown = same_compiler && before.is_some_and(|before| *count > before * GROWTH);
        // Half an instruction is how the loop around the events shows.
        let over = *count > limit + 0.5;
        let verdict = match (over, grown) {
            (true, _) => " OVER THE LIMIT",
            (_, true) => " GREW BY MORE THAN 5 %",
            _ => "",
        };
        good &= verdict.is_empty();
        let before = before.map_or_else(|| "none".to_owned(), |before| format!("{before:.0}"));
        let floor = Some(floor).filter(|floor| floor.is_finite());
        let floor = floor.map_or_else(|| "none".to_owned(), |floor| format!("{floor:.0}"));
        println!("| {workload} | {count:.0} | {limit:.0} | {before} | {floor} |{verdict}");
        writeln!(lines, "{workload} {count:.0}")?;
    }
    if save {
        fs::write(BASELINE, lines)?;
        return Ok(true);
    }
    Ok(good)
}

fn compiler() -> Result<String, Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output()?;
    Ok(String::from_utf8(version.stdout)?.trim().to_owned())
}

/// Returns the least of some counts of a workload: how the threads meet, such as a caller that wakes the
/// worker, only adds to what the code itself takes.
fn least(workload: &str) -> Result<f64, Box<dyn Error>> {
    const RUNS: usize = 8;
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        least = least.min(count(workload)?);
    }
    Ok(least)
}

/// Runs one workload under callgrind and returns the instructions per event.
fn count(workload: &str) -> Result<f64, Box<dyn Error>> {
    let file = env::temp_dir().join(format!(
        "logout-{}-{workload}.callgrind",
        std::process::id()
    ));
    let valgrind = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*counted_batch*"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe()?)
        .args(["--run", workload])
        .output()?;
    let counted = fs::read_to_string(&file)?;
    fs::remove_file(&file)?;
    let total = counted
        .lines()
        .find_map(|line| line.strip_prefix("totals: ")?.parse::<f64>().ok())
        .filter(|total| *total > 0.0)
        .ok_or_else(|| String::from_utf8_lossy(&valgrind.stderr).into_owned())?;
    Ok(total / f64::from(BATCHES * BATCH))
}

/// Runs the part that Callgrind counts, which it finds by this function's name.
#[inline(never)]
fn counted_batch(measured: fn(u32)) {
    measured(black_box(BATCH));
}

macro_rules! measured {
    ($($name:ident => $event:expr;)*) => {
        $(#[inline(never)]
        fn $name(events: u32) {
            for _ in 0..events {
                $event;
            }
        })*
    };
}

measured! {
    measured_w1 => w1();
    measured_w2 => w2();
    measured_w3 => w3();
    measured_w4s => in_spans(|| ());
}

fn run(workload: &str) {
    let floor = workload.strip_prefix(FLOOR);
    let workload = floor.unwrap_or(workload);
    let other = workload == "w1b";
    let (logout, _guard) = start::<Hot>(&Sink::default(), other);
    let subscriber = if floor.is_some() {
        let filter = if workload == "w4" || workload == "w4s" {
            LevelFilter::INFO
        } else {
            LevelFilter::WARN
        };
        subscriber(Floor::start().with_filter(filter), other)
    } else {
        logout
    };
    let measured: fn(u32) = match workload {
        "w2" => measured_w2,
        "w3" | "w4" => measured_w3,
        "w4s" => measured_w4s,
        _ => measured_w1,
    };
    let batches = || {
        // What a call site costs once is not the question.
        for _ in 0..5 {
            measured(BATCH);
            std::thread::sleep(Duration::from_millis(3));
        }
        for _ in 0..BATCHES {
            counted_batch(measured);
            std::thread::sleep(Duration::from_millis(3));
        }
    };
    tracing::dispatcher::with_default(&subscriber, || {
        if workload == "w4" {
            in_spans(batches);
        } else {
            batches();
        }
    });
}

/// Logs the same events while the queue has no room.
fn run_discarded() {
    let (logout, _guard) = start::<Held>(&Sink::default(), false);
    tracing::dispatcher::with_default(&logout, || {
        gate::fill(|_| w3());
        measured_w3(BATCH);
        for _ in 0..BATCHES {
            counted_batch(measured_w3);
        }
    });
    gate::open();
}
