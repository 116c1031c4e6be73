//! Configuration from environment variables alone, as a deployment sets it.

use std::ffi::OsStr;
use std::path::PathBuf;

use logout::sandbox::{Platform, Sandbox};
use logout::{Slack, Zulip, logout};

use crate::support::process::{child, child_output, is_child};
use crate::support::{TIMEOUT, only_message, run_with};

logout! {
    struct Alerts { adapters: [Slack, ops: Zulip { stream: "general" }] }
}

/// Runs the program under test.
fn run_program() {
    let alerts = match Alerts::from_env() {
        Ok(alerts) => alerts,
        Err(error) => return println!("{error}"),
    };
    let guard = run_with(alerts.start().unwrap(), || tracing::error!("broken"));
    guard.handle().flush(TIMEOUT).unwrap();
    println!("{}", guard.handle().stats());
}

/// Returns one setting of the sandbox, as a variable's text.
fn setting(sandbox: &Sandbox, key: &str) -> String {
    sandbox.figment().extract_inner(key).unwrap()
}

/// Returns the variables that lead both instances to the sandbox.
fn variables(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    vec![
        ("SLACK_WEBHOOK_URL", setting(sandbox, "slack.url")),
        ("LOGOUT_OPS__URL", setting(sandbox, "zulip.url")),
        ("LOGOUT_OPS__BOT_EMAIL", setting(sandbox, "zulip.bot_email")),
        (
            "LOGOUT_OPS__BOT_API_KEY",
            setting(sandbox, "zulip.bot_api_key"),
        ),
    ]
}

#[test]
fn variables_override_the_block_and_keep_their_text() {
    if is_child(variables_override_the_block_and_keep_their_text) {
        return run_program();
    }
    let sandbox = Sandbox::start().unwrap();
    let mut variables = variables(&sandbox);
    for (name, value) in [
        ("LOGOUT_PROJECT_NAME", "Corner Shop"),
        ("LOGOUT_RELEASE", "1.10"),
        ("LOGOUT_OPS__STREAM", "alerts"),
        ("LOGOUT_OPS__TOPIC", "007"),
        // Kubernetes sets this for a service called `logout`.
        ("LOGOUT_PORT", "tcp://10.0.0.1:80"),
    ] {
        variables.push((name, value.to_owned()));
    }
    let output = child(variables_override_the_block_and_keep_their_text, &variables);
    let text = child_output(&output);
    assert!(text.contains("ops: 1 accepted, 1 delivered"), "{text}");
    let message = only_message(&sandbox, Platform::Zulip);
    let details = message.details().zulip().unwrap();
    assert_eq!((&*details.stream, &*details.topic), ("alerts", "007"));
    assert!(message.text().contains("Corner Shop"), "{message}");
    assert!(message.text().contains("1.10"), "{message}");
    only_message(&sandbox, Platform::Slack);
}

#[test]
fn a_secret_may_lie_in_a_file() {
    if is_child(a_secret_may_lie_in_a_file) {
        return run_program();
    }
    let sandbox = Sandbox::start().unwrap();
    let secret = File::new("slack", &format!("{}\n", setting(&sandbox, "slack.url")));
    let mut variables = variables(&sandbox);
    variables[0] = ("LOGOUT_SLACK__URL_FILE", secret.0.display().to_string());
    let text = child_output(&child(a_secret_may_lie_in_a_file, &variables));
    assert!(text.contains("slack: 1 accepted, 1 delivered"), "{text}");
}

#[test]
fn what_is_missing_is_told_with_the_variable_to_set() {
    if is_child(what_is_missing_is_told_with_the_variable_to_set) {
        return run_program();
    }
    let none: [(&str, &str); 0] = [];
    let text = child_output(&child(
        what_is_missing_is_told_with_the_variable_to_set,
        &none,
    ));
    for variable in [
        "SLACK_WEBHOOK_URL",
        "LOGOUT_OPS__URL",
        "LOGOUT_OPS__BOT_EMAIL",
        "LOGOUT_OPS__BOT_API_KEY",
    ] {
        assert!(text.contains(variable), "{text}");
    }
}

#[test]
fn an_instance_is_turned_off_by_a_variable() {
    if is_child(an_instance_is_turned_off_by_a_variable) {
        return run_program();
    }
    let sandbox = Sandbox::start().unwrap();
    let mut variables = variables(&sandbox);
    variables[0] = ("LOGOUT_SLACK__ENABLED", "false".to_owned());
    child_output(&child(an_instance_is_turned_off_by_a_variable, &variables));
    only_message(&sandbox, Platform::Zulip);
    assert_eq!(sandbox.inbox().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_named() {
    use std::os::unix::ffi::OsStrExt;

    if is_child(a_variable_that_is_no_text_is_named) {
        return run_program();
    }
    let sandbox = Sandbox::start().unwrap();
    let variables = variables(&sandbox);
    let mut variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, OsStr::new(value)))
        .collect();
    variables[3].1 = OsStr::from_bytes(b"hunter2\xff");
    let text = child_output(&child(a_variable_that_is_no_text_is_named, &variables));
    assert!(
        text.contains("LOGOUT_OPS__BOT_API_KEY is not UTF-8"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

/// A file that is removed with its test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("logout-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

#[test]
fn a_program_that_changes_its_directory_reloads_the_file_of_its_start() {
    if is_child(a_program_that_changes_its_directory_reloads_the_file_of_its_start) {
        return run_daemon();
    }
    let sandbox = Sandbox::start().unwrap();
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reload_after_chdir");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("logout.toml"), "mask = ['iban']\n").unwrap();
    let mut variables = variables(&sandbox);
    variables.push(("DAEMON_HOME", directory.to_str().unwrap().to_owned()));
    let output = child(
        a_program_that_changes_its_directory_reloads_the_file_of_its_start,
        &variables,
    );
    let text = child_output(&output);
    assert!(text.contains("first: Ok(())"), "{text}");
    assert!(text.contains("logout.toml cannot be read"), "{text}");
    let messages = sandbox.inbox();
    assert!(
        messages
            .iter()
            .any(|message| message.text().contains("after"))
    );
    for message in messages {
        assert!(!message.text().contains("DE02"), "{message}");
    }
}

/// Runs as a daemon does: it starts in its home directory and changes to the root of the file system.
fn run_daemon() {
    let home = PathBuf::from(std::env::var_os("DAEMON_HOME").unwrap());
    std::env::set_current_dir(&home).unwrap();
    let alerts = Alerts::from_env().unwrap().start().unwrap();
    let handle = alerts.1.handle();
    let _guard = run_with(alerts, || {
        tracing::error!(iban = "DE02", "before");
        std::env::set_current_dir("/").unwrap();
        println!("first: {:?}", handle.reload());
        tracing::error!(iban = "DE02", "after");
        std::fs::remove_file(home.join("logout.toml")).unwrap();
        println!("then: {:?}", handle.reload());
        tracing::error!(iban = "DE02", "afterwards");
        handle.flush(TIMEOUT).unwrap();
    });
}
