//! A block as the macro would write it, read from invented environments and files.

use std::path::PathBuf;

use serde::Deserialize;
use tracing::level_filters::LevelFilter;

use super::environment::Environment;
use super::settings::Settings;
use super::{Config, FileOfStart, from_environment};
use crate::adapter::{Adapter, Notice, Step};
use crate::block::{Block, BlockDefinition, Declaration};
use crate::config::Error;
use crate::config::{Configured, Instance};
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Secret, Transport, Url};
use crate::worker::dispatch::Dispatcher;
use crate::worker::{Clock, Worker};

mod adapters;
mod block;
mod file;
#[cfg(feature = "fleet")]
mod fleet;
mod notification;
mod problems;
mod traps;
mod variables;

#[derive(Clone, Debug, Default, Deserialize)]
struct Hook {
    url: SecretUrl,
    #[serde(default)]
    channel: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Bot {
    token: Secret,
    #[serde(alias = "chat")]
    chat_id: String,
    thread: Option<i64>,
    server: Url,
    tags: Vec<String>,
    loud: bool,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Markdown,
    Html,
}

impl Adapter for Hook {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("HOOK_WEBHOOK_URL", "url")];

    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}

    fn check(&self) -> Result<(), String> {
        match self.channel.as_str() {
            "empty" => Err(format!(
                "its channel does not fit {}",
                self.url.expose().as_str()
            )),
            _ => Ok(()),
        }
    }
}

impl Adapter for Bot {
    const INCIDENTS: bool = true;

    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}
}

/// `adapters: [Hook { channel: "#block" }, ops: Bot { level: ERROR, thread: 7, server: "…" }]`
#[derive(Debug)]
struct Alerts {
    hook: Instance<Hook>,
    ops: Instance<Bot>,
}

impl BlockDefinition for Alerts {
    const BLOCK: Block = Block::new(
        "Alerts",
        "shop",
        &[
            Declaration::new("hook", true),
            Declaration::new("ops", false).level(LevelFilter::ERROR),
        ],
    )
    .release("0.1.0");

    type Instance = usize;

    fn index(instance: usize) -> usize {
        instance
    }
}

impl Dispatcher for Alerts {
    fn read(config: &mut Config) -> Self {
        let hook = {
            let mut section = config.section(0, &[("channel", "#block")]);
            let mut adapter: Hook = section.adapter();
            section.option("channel", &mut adapter.channel, "#block");
            section.instance(adapter)
        };
        let ops = {
            let mut section = config.section(
                1,
                &[("thread", "7"), ("server", "https://chat.example.org")],
            );
            let mut adapter: Bot = section.adapter();
            section.option("thread", &mut adapter.thread, 7);
            section.option("server", &mut adapter.server, "https://chat.example.org");
            section.instance(adapter)
        };
        Self { hook, ops }
    }

    async fn run<T: Transport, C: Clock>(&self, _: &Worker<T, C>) {}

    fn succeed(&self, next: &Self) {
        self.hook.succeed(&next.hook);
        self.ops.succeed(&next.ops);
    }
}

/// The values that were read.
#[derive(Debug)]
struct Seen {
    settings: Settings,
    hook: Configured<Hook>,
    ops: Configured<Bot>,
}

fn seen((alerts, settings): (Alerts, Settings)) -> Seen {
    Seen {
        settings,
        hook: alerts.hook.take().unwrap(),
        ops: alerts.ops.take().unwrap(),
    }
}

const URL: (&str, &str) = ("LOGOUT_HOOK__URL", "https://hooks.example.org/T0/geheim");
const TOKEN: (&str, &str) = ("LOGOUT_OPS__TOKEN", "123456:geheim");

fn with_secrets(variables: &[(&'static str, &'static str)]) -> Environment {
    Environment::new(&[&[URL, TOKEN], variables].concat(), None)
}

fn read(environment: Environment) -> Result<Seen, Error> {
    read_again(environment, &FileOfStart::default())
}

fn read_again(environment: Environment, file: &FileOfStart) -> Result<Seen, Error> {
    from_environment(Alerts::read, environment, file).map(seen)
}

/// A directory of one test, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("logout-config-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.join(file), text).unwrap();
        self
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn with_file(directory: &Directory, variables: &[(&str, &str)]) -> Environment {
    Environment::new(&[&[URL, TOKEN], variables].concat(), Some(&directory.0))
}

#[track_caller]
fn error(environment: Environment) -> String {
    let text = read(environment).unwrap_err().to_string();
    assert!(!text.contains("geheim"), "{text}");
    text
}
