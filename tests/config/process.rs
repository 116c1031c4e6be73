//! The configuration of a real process: its working directory, its file, its environment.
//!
//! The test starts itself once more for each configuration, since neither the environment nor the
//! working directory can be changed safely in a process with threads.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use logout::__private::{
    Block, BlockDefinition, Clock, Config, Declaration, Dispatcher, Instance, Worker,
};
use logout::adapter::{Request, SecretUrl, Step};
use logout::transport::Transport;
use logout::{Adapter, Builder, Notice};
use serde::Deserialize;

#[derive(Default, Deserialize)]
struct Pager {
    url: SecretUrl,
    #[serde(default)]
    team: String,
}

impl Adapter for Pager {
    const VARIABLES: &'static [(&'static str, &'static str)] = &[("PAGER_WEBHOOK_URL", "url")];

    fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}

    /// Refuses whatever it was given, so that the error shows what that was.
    fn check(&self) -> Result<(), String> {
        let url = self.url.expose();
        Err(format!("host {} team {}", url.host(), self.team))
    }
}

#[derive(Debug)]
struct Alerts;

impl BlockDefinition for Alerts {
    const BLOCK: Block =
        Block::new("Alerts", "shop", &[Declaration::new("pager", true)]).env_prefix("SHOP_ALERTS_");

    type Instance = usize;

    fn index(instance: usize) -> usize {
        instance
    }
}

impl Dispatcher for Alerts {
    fn read(config: &mut Config) -> Self {
        let mut section = config.section(0, &[("team", "block")]);
        let mut pager: Pager = section.adapter();
        section.option("team", &mut pager.team, "block");
        drop::<Instance<Pager>>(section.instance(pager));
        Self
    }

    async fn run<T: Transport, C: Clock>(&self, _: &Worker<T, C>) {}

    fn succeed(&self, _: &Self) {}
}

/// Variable that tells the second process what it is.
const CHILD: &str = "CONFIG_PROCESS_CHILD";
const SECRET: (&str, &str) = ("PAGER_WEBHOOK_URL", "https://pager.example.org/geheim");

/// Returns the output of a process whose `main` returns the error, without the path of the file.
fn output_with(name: &str, file: &str, variables: &[(&str, &str)]) -> String {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("logout.toml"), file).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "process::the_second_process_reads_its_configuration",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .envs(variables.iter().copied())
        .current_dir(&directory)
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let (_, said) = output.split_once("<<").expect(&output);
    let (said, _) = said.split_once(">>").unwrap();
    assert!(!said.contains("geheim"), "{said}");
    let directory = directory.canonicalize().unwrap();
    said.replace(directory.to_str().unwrap(), "DIRECTORY")
}

#[test]
fn the_second_process_reads_its_configuration() {
    if std::env::var_os(CHILD).is_some() {
        let error = Builder::<Alerts>::from_env().unwrap_err();
        assert!(error.is_config());
        print!("<<{error:?}>>");
    }
}

#[test]
fn a_variable_beats_the_profile_which_beats_the_file_which_beats_the_block() {
    let file = "[default.pager]\nteam = 'file'\n[production.pager]\nteam = 'production'\n";
    for (name, file, variables, team) in [
        ("block", "", &[SECRET][..], "block"),
        ("file", file, &[SECRET], "file"),
        (
            "profile",
            file,
            &[SECRET, ("SHOP_ALERTS_PROFILE", "production")],
            "production",
        ),
        (
            "variable",
            file,
            &[
                SECRET,
                ("SHOP_ALERTS_PROFILE", "production"),
                ("SHOP_ALERTS_PAGER__TEAM", "007"),
                ("LOGOUT_PAGER__TEAM", "another block's"),
            ],
            "007",
        ),
    ] {
        assert_eq!(
            output_with(name, file, variables),
            format!(
                "the configuration of Alerts has a problem: pager is wrong: host pager.example.org team {team}"
            )
        );
    }
}

#[test]
fn every_problem_is_told_with_its_place_and_its_remedy() {
    assert_eq!(
        output_with(
            "problems",
            "levle = 'geheim'\n[pager]\nteam = 1.10\nlevel = 'geheim'\n",
            &[("SHOP_ALERTS_UTC_LOG", "geheim"), ("SHOP_ALERTS_PAGER_URL", "geheim")],
        ),
        "\
the configuration of Alerts has 5 problems:
  levle is unknown (DIRECTORY/logout.toml): did you mean `level`
  utc_log is wrong (variable SHOP_ALERTS_UTC_LOG): expected `true` or `false`
  pager.level is wrong (DIRECTORY/logout.toml): expected a level such as WARN, ERROR or OFF
  pager.url is missing: set PAGER_WEBHOOK_URL or SHOP_ALERTS_PAGER__URL, or pager.url in DIRECTORY/logout.toml
  pager.team is wrong (DIRECTORY/logout.toml): expected text, but a number loses its form (1.10 becomes 1.1): put it in quotes
  note: the variable SHOP_ALERTS_PAGER_URL means nothing: did you mean SHOP_ALERTS_PAGER__URL"
    );
}
