//! The keys of a block, and the templates that are made of them.

use std::collections::BTreeMap;
use std::process::Command;

use figment::providers::{Format, Toml};
use logout::adapter::{OptionDocs, Request, Secret, Span, Step};
use logout::config::{Key, KeyKind};
use logout::{Adapter, Notice, logout};
use serde::Deserialize;

/// An adapter of this crate's own, with a field of every kind.
#[derive(Debug, Default, Deserialize, OptionDocs)]
struct Pager {
    /// The key of the integration, which the pager's settings show under "Integrations" for each of
    /// the services.
    ///
    /// Not the account's.
    token: Secret,
    /// What the call is.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    team: String,
    #[serde(default)]
    thread: Option<i64>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    tone: Tone,
    #[serde(default)]
    after: Span,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tone {
    #[default]
    Quiet,
    Loud,
}

impl Adapter for Pager {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("PAGER_TOKEN", "token")];

    fn render(&self, _: &Notice, _: Step<'_>, request: &mut Request) {
        request.json(&(self.token.expose(), &self.headers));
    }

    /// Refuses whatever it was given, so that the error shows what that was.
    fn check(&self) -> Result<(), String> {
        let Self {
            kind,
            team,
            thread,
            tags,
            tone,
            after,
            ..
        } = self;
        Err(format!(
            "{kind} / {team} / {thread:?} / {tags:?} / {tone:?} / {after}"
        ))
    }
}

fn of_the_day() -> Vec<String> {
    vec!["red".to_owned()]
}

logout! {
    struct Alerts {
        project_name: "My \"App\"",
        level: WARN,
        max_age: std::time::Duration::from_millis(1_500),
        shutdown_timeout: "1m 30s",
        memory_limit: "2 MiB",
        truncate: infinity,
        metadata: [order, http.status],
        env_prefix: "SHOP_",
        adapters: [
            Pager { team: "night # shift", thread: -7, level: ERROR, remind: off },
            #[cfg(any())]
            absent: Pager,
            ops: Pager { tags: of_the_day(), after: "5m" },
        ],
    }
}

fn key(path: &str) -> Key {
    let found = Alerts::keys().into_iter().find(|key| key.path() == path);
    found.unwrap_or_else(|| panic!("there is no key {path}"))
}

#[test]
fn every_key_is_listed_once_and_those_of_absent_instances_are_not() {
    let mut paths: Vec<_> = Alerts::keys().iter().map(Key::path).collect();
    let settings = [
        "enabled",
        "dry_run",
        "project_name",
        "environment",
        "release",
        "level",
    ];
    assert_eq!(paths.get(..6).unwrap(), settings);
    let pager = [
        "pager.token",
        "pager.type",
        "pager.team",
        "pager.thread",
        "pager.tags",
        "pager.headers",
        "pager.tone",
        "pager.after",
        "pager.enabled",
        "pager.level",
        "pager.max_level",
        "pager.allow_http",
        "pager.metadata",
        "pager.remind",
        "pager.remind_from",
        "pager.quiet",
        "pager.quiet_notice",
        "pager.mention_when",
        "pager.mention_every",
    ];
    let at = paths.iter().position(|path| path == "pager.token").unwrap();
    assert_eq!(paths.get(at..at + pager.len()).unwrap(), pager);
    assert!(paths.iter().all(|path| !path.starts_with("absent")));
    let count = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count);
}

#[test]
fn a_key_knows_its_variables_from_the_block_and_the_adapter() {
    assert_eq!(key("level").variables(), ["SHOP_LEVEL"]);
    assert_eq!(
        key("pager.token").variables(),
        ["PAGER_TOKEN", "SHOP_PAGER__TOKEN"]
    );
    assert_eq!(key("ops.token").variables(), ["SHOP_OPS__TOKEN"]);
    assert_eq!(key("ops.headers").variables(), ["SHOP_OPS__HEADERS__…"]);
    assert_eq!(
        (key("ops.token").instance(), key("ops.token").name()),
        (Some("ops"), "token")
    );
}

#[test]
fn a_key_knows_its_kind_and_whether_it_is_secret_or_required() {
    for (path, kind) in [
        ("level", KeyKind::Level),
        ("max_age", KeyKind::Duration),
        ("truncate", KeyKind::Bytes),
        ("memory_limit", KeyKind::Bytes),
        ("pager.after", KeyKind::Duration),
        ("pager.token", KeyKind::Secret),
        ("pager.type", KeyKind::Text),
        ("pager.thread", KeyKind::Integer),
        ("pager.tags", KeyKind::List),
        ("pager.headers", KeyKind::Table),
        ("pager.tone", KeyKind::Choice(&["quiet", "loud"])),
        ("pager.enabled", KeyKind::Bool),
        ("remind", KeyKind::List),
        ("pager.max_level", KeyKind::Level),
        ("pager.mention_when", KeyKind::Choice(&["new", "always"])),
    ] {
        assert_eq!(key(path).kind(), kind, "{path}");
    }
    assert!(key("pager.token").is_secret() && key("pager.token").is_required());
    assert!(!key("pager.type").is_secret() && key("pager.type").is_required());
    assert!(!key("pager.team").is_required());
}

#[test]
fn a_key_knows_what_the_block_gives() {
    for (path, given) in [
        ("project_name", Some("My \"App\"")),
        ("environment", None),
        ("max_age", Some("1s 500ms")),
        ("shutdown_timeout", Some("1m 30s")),
        ("memory_limit", Some("2 MiB")),
        ("pager.after", None),
        ("ops.after", Some("5m")),
        ("truncate", Some("infinity")),
        ("metadata", Some("order, http.status")),
        ("pager.level", Some("ERROR")),
        ("ops.level", Some("WARN")),
        ("pager.team", Some("night # shift")),
        ("pager.thread", Some("-7")),
        ("ops.tags", Some("")),
        ("ops.team", None),
        ("max_level", Some("ERROR")),
        ("remind", Some("1m, 5m, 30m, 2h")),
        ("pager.remind", Some("off")),
        ("ops.remind", Some("1m, 5m, 30m, 2h")),
        ("ops.quiet", Some("15m")),
        ("pager.mention_when", Some("new")),
        ("pager.mention_every", Some("5m")),
    ] {
        assert_eq!(key(path).default(), given, "{path}");
    }
}

#[test]
fn the_template_of_variables_reads_well() {
    let text = Alerts::env_template();
    for part in [
        "# The configuration of Alerts. Fill in the lines that do not begin with `#`.\n",
        "# SHOP_PROFILE=production adds",
        "\n# The name of the program in messages.\n# Type: text.\n# SHOP_PROJECT_NAME='My \"App\"'\n",
        "\n# === pager ===\n# The key of the integration, which the pager's settings show under \"Integrations\" for each of \
         the\n# services.\n# Type: secret text. Required. Also set by SHOP_PAGER__TOKEN.\nPAGER_TOKEN=\n",
        "\n# What the call is.\n# Type: text. Required.\nSHOP_PAGER__TYPE=\n",
        "\n# Type: list. The program sets it.\n# SHOP_OPS__TAGS=\n",
        "\n# The memory limit for queues, problems and trails together.\n# Type: size.\n# SHOP_MEMORY_LIMIT=2MiB\n",
        "`off` never repeats it.\n# Type: list.\n# SHOP_REMIND=1m,5m,30m,2h\n",
        "\n# SHOP_PAGER__REMIND=off\n",
        "\n# Type: new or always.\n# SHOP_MENTION_WHEN=new\n",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

/// Returns the error that shows what the two pagers were given.
const CONFIGURED: [&str; 2] = [
    r#": loud pager / night # shift / Some(-7) / [] / Quiet / 0s"#,
    r#": loud ops / day "shift" / None / ["red", "green"] / Loud / 5m"#,
];

/// Removes the `#` before lines that the template gives, and fills in what it does not.
fn filled_in(template: &str, values: &[(&str, &str)]) -> String {
    let lines = template.lines().map(|line| {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let filled = values.iter().find(|(start, _)| bare.starts_with(start));
        match filled {
            Some((start, value)) => format!("{start}{value}"),
            None if bare.ends_with(['=', ']', '}']) || bare.ends_with("\"\"") => line.to_owned(),
            None if bare
                .split_once('=')
                .is_some_and(|(name, _)| !name.trim().contains(' ')) =>
            {
                bare.to_owned()
            }
            None => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_template_of_toml_fed_back_configures_the_block() {
    let template = Alerts::toml_template();
    let (settings, instances) = template.split_once("[pager]").unwrap();
    let (pager, ops) = instances.split_once("[ops]").unwrap();
    let text = [
        filled_in(settings, &[]),
        "[pager]".to_owned(),
        filled_in(
            pager,
            &[("token = ", "\"geheim\""), ("type = ", "\"loud pager\"")],
        ),
        "[ops]".to_owned(),
        filled_in(
            ops,
            &[
                ("token = ", "\"geheim\""),
                ("type = ", "\"loud ops\""),
                ("team = ", "'day \"shift\"'"),
                ("tags = ", "[\"red\", \"green\"]"),
                ("tone = ", "\"loud\""),
            ],
        ),
    ];
    assert!(
        text.concat().contains("\nmax_age = \"1s 500ms\""),
        "{text:?}"
    );
    let error = Alerts::from_figment(Toml::string(&text.join("\n"))).unwrap_err();
    let error = error.to_string();
    assert!(
        CONFIGURED.iter().all(|part| error.contains(part)),
        "{error}"
    );
    assert!(error.contains("has 2 problems"), "{error}");
}

/// Variable that tells the second process what it is.
const CHILD: &str = "MACRO_KEYS_CHILD";

#[test]
fn the_second_process_reads_its_variables() {
    if std::env::var_os(CHILD).is_some() {
        print!("<<{}>>", Alerts::from_env().unwrap_err());
    }
}

#[test]
fn the_template_of_variables_fed_back_configures_the_block() {
    let text = filled_in(
        &Alerts::env_template(),
        &[
            ("PAGER_TOKEN=", "geheim"),
            ("SHOP_PAGER__TYPE=", "'loud pager'"),
            ("SHOP_OPS__TOKEN=", "geheim"),
            ("SHOP_OPS__TYPE=", "'loud ops'"),
            ("SHOP_OPS__TEAM=", "'day \"shift\"'"),
            ("SHOP_OPS__TAGS=", "red,green"),
            ("SHOP_OPS__TONE=", "loud"),
        ],
    );
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let variables: Vec<_> = lines.filter_map(|line| line.split_once('=')).collect();
    assert!(
        variables.contains(&("SHOP_MAX_AGE", "1s500ms")),
        "{variables:?}"
    );
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "macro_keys::the_second_process_reads_its_variables",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .envs(
            variables
                .into_iter()
                .map(|(name, value)| (name, value.trim_matches('\''))),
        )
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    let error = String::from_utf8(output.stdout).unwrap();
    assert!(
        CONFIGURED.iter().all(|part| error.contains(part)),
        "{error}"
    );
    assert!(error.contains("has 2 problems"), "{error}");
}

#[test]
fn the_templates_carry_the_documentation_of_every_adapter_that_comes_with_logout() {
    logout! {
        struct All {
            adapters: [Slack, night: Discord, Telegram, Zulip { stream: "alerts" }],
        }
    }

    for template in [All::env_template(), All::toml_template()] {
        for line in [
            "# The webhook's URL, `https://hooks.slack.com/services/T…/B…/…`.",
            "# The id of the thread, or of the forum post, to send to.",
            "# The bot's token from `BotFather`, `123456:ABC…`.",
            "# The stream to send to, of at most 60 characters. The bot must be allowed to post there.",
        ] {
            assert!(
                template.lines().any(|other| other == line),
                "{line} is not in {template}"
            );
        }
    }
    let keys = All::keys();
    let silent = keys.iter().filter(|key| {
        let key = serde_json::to_value(key).unwrap();
        key["meaning"].is_null()
    });
    assert_eq!(silent.map(Key::path).collect::<Vec<_>>(), [""; 0]);
}
