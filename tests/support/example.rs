//! The examples as processes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use logout::sandbox::Sandbox;

use super::process::child_output;

/// Where cargo puts the examples; `cargo test` has built them, and this is quick then.
static EXAMPLES: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .args(["build", "--quiet", "--examples", "--target-dir"])
        .arg(profile.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    // These tell the tests of their package; to the build scripts that read them they are changes.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            build.env_remove(&*name);
        }
    }
    if profile.ends_with("release") {
        build.arg("--release");
    }
    child_output(&build.output().unwrap());
    profile.join("examples")
});

/// Returns the output of the example of this name, started with nothing but these variables.
pub(crate) fn run(example: &str, variables: &[(&str, String)]) -> String {
    child_output(&start(example, &[], variables).wait_with_output().unwrap())
}

/// Spawns an example with nothing but these arguments and variables, its output and errors piped.
pub(crate) fn start(example: &str, arguments: &[&str], variables: &[(&str, String)]) -> Child {
    // One whose source is gone may still lie where it was once built.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let sources = [format!("{example}.rs"), format!("{example}/main.rs")];
    let is_there = sources.iter().any(|source| folder.join(source).exists());
    assert!(is_there, "there is no example {example}");
    Command::new(Path::new(&*EXAMPLES).join(example))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().cloned())
        // No `logout.toml` of the person who runs the tests is found from there.
        .current_dir(std::env::temp_dir())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Returns a text of the settings that lead to the sandbox.
pub(crate) fn setting(sandbox: &Sandbox, key: &str) -> String {
    sandbox.figment().extract_inner(key).unwrap()
}

/// Returns the variable that leads to the sandbox's Slack.
pub(crate) fn slack_variable(sandbox: &Sandbox) -> (&'static str, String) {
    ("SLACK_WEBHOOK_URL", setting(sandbox, "slack.url"))
}
