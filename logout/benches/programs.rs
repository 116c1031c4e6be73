//! The cost of building a program with logout in it, beside its peers: crates, time and size.
//!
//! ```text
//! cargo bench -p logout --bench programs            # all of them
//! cargo bench -p logout --bench programs -- sentry  # those with this in their names
//! ```
//!
//! Each program logs one event through tracing. They are built from nothing, in release and
//! stripped, each in a directory of its own; that takes some minutes, and its crates must be
//! cached or within reach. Time is that of all processors together. Limits: `slack` with `hyper` takes
//! less of all three than either peer; the default features, with four adapters and surf, half as
//! much again as `tracing-layer-slack` at the most, and no more bytes.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

struct Program {
    name: &'static str,
    dependencies: &'static str,
    main: &'static str,
}

const PROGRAMS: [Program; 5] = [
    Program {
        name: "tracing alone",
        dependencies: "",
        main: r#"
fn main() {
    tracing_subscriber::fmt::init();
    tracing::error!(order = 42, "payment failed");
}
"#,
    },
    Program {
        name: "logout, default features",
        dependencies: concat!("logout = { path = \"", env!("CARGO_MANIFEST_DIR"), "\" }\n"),
        main: LOGOUT,
    },
    Program {
        name: "logout, `slack` and `hyper`",
        dependencies: concat!(
            "logout = { path = \"",
            env!("CARGO_MANIFEST_DIR"),
            "\", default-features = false, features = [\"slack\", \"hyper\"] }\n"
        ),
        main: LOGOUT,
    },
    Program {
        name: "tracing-layer-slack",
        dependencies: "tracing-layer-slack = \"0.9.1\"\n\
            tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
        main: r#"
use tracing_layer_slack::{EventFilters, SlackLayer};
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (slack, delivery) = SlackLayer::from_env("shop", EventFilters::default())?.build();
    tracing_subscriber::registry()
        .with(slack)
        .with(tracing_subscriber::fmt::layer())
        .init();
    let delivery = delivery.spawn()?;
    tracing::error!(order = 42, "payment failed");
    delivery.shutdown().await?;
    Ok(())
}
"#,
    },
    Program {
        name: "sentry",
        dependencies: "sentry = { version = \"0.49.5\", features = [\"tracing\"] }\n",
        main: r#"
use tracing_subscriber::prelude::*;

fn main() {
    let _guard = sentry::init(sentry::ClientOptions::default());
    tracing_subscriber::registry()
        .with(sentry::integrations::tracing::layer())
        .with(tracing_subscriber::fmt::layer())
        .init();
    tracing::error!(order = 42, "payment failed");
}
"#,
    },
];

const LOGOUT: &str = r#"
use tracing_subscriber::prelude::*;

logout::logout! { struct Alerts { adapters: [Slack] } }

fn main() -> Result<(), logout::Error> {
    let (alerts, _guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry()
        .with(alerts)
        .with(tracing_subscriber::fmt::layer())
        .init();
    tracing::error!(order = 42, "payment failed");
    Ok(())
}
"#;

fn main() -> Result<(), Box<dyn Error>> {
    println!("| program | crates | build, processor time | size |");
    println!("|---|--:|--:|--:|");
    let wanted = env::args().skip(1).find(|word| !word.starts_with('-'));
    let wanted = wanted.unwrap_or_default();
    let room = env::temp_dir().join(format!("logout-programs-{}", std::process::id()));
    let built = PROGRAMS
        .iter()
        .filter(|program| program.name.contains(&wanted))
        .try_for_each(|program| build(program, &room));
    // What a build that failed left behind.
    drop(fs::remove_dir_all(&room));
    built
}

/// Builds one program from nothing and prints its row.
fn build(program: &Program, room: &Path) -> Result<(), Box<dyn Error>> {
    let Program {
        name,
        dependencies,
        main,
    } = program;
    fs::create_dir_all(room.join("src"))?;
    fs::write(room.join("src/main.rs"), main)?;
    fs::write(
        room.join("Cargo.toml"),
        format!(
            "[package]\nname = \"program\"\nedition = \"2024\"\n[workspace]\n\
             [profile.release]\nstrip = true\n\
             [dependencies]\ntracing = \"0.1\"\ntracing-subscriber = \"0.3\"\n{dependencies}"
        ),
    )?;
    let cargo = |arguments: &[&str]| {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(arguments)
            .current_dir(room)
            .env("CARGO_TARGET_DIR", room.join("target"))
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok::<_, Box<dyn Error>>(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    cargo(&["fetch", "--quiet"])?;
    let tree = cargo(&["tree", "--edges", "normal", "--prefix", "none"])?;
    let mut crates: Vec<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.starts_with("program "))
        .collect();
    crates.sort_unstable();
    crates.dedup();
    let before = processor_seconds();
    cargo(&["build", "--release", "--quiet"])?;
    println!(
        "| {name} | {} | {:.0} s | {} KiB |",
        crates.len(),
        processor_seconds() - before,
        fs::metadata(room.join("target/release/program"))?.len() / 1024,
    );
    fs::remove_dir_all(room)?;
    Ok(())
}

/// Returns the processor time of this process's children, in seconds, where the system counts it.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in brackets, may hold blanks; the fields after it are numbered from 3.
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    let ticks: f64 = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}
