//! The keys of a fleet, its own and those of its broker.

use super::Directory;
use crate::block::{Block, BlockDefinition, Fleet};
use crate::config::environment::Environment;
use crate::config::{Config, Error, FileOfStart, Settings, from_environment};
use crate::fleet::Redis;
use crate::transport::{Secret, Transport};
use crate::worker::dispatch::Dispatcher;
use crate::worker::{Clock, Worker};

/// `fleet: Redis { name: "shop" }`
#[derive(Debug)]
struct Replicas(Option<Redis>);

impl BlockDefinition for Replicas {
    const BLOCK: Block = Block::new("Replicas", "shop", &[]).fleet(Fleet::defaults().name("shop"));

    type Instance = usize;

    fn index(instance: usize) -> usize {
        instance
    }
}

impl Dispatcher for Replicas {
    fn read(config: &mut Config) -> Self {
        let mut section = config.fleet(&[], &[]);
        let broker: Redis = section.broker();
        Self(section.finish(broker))
    }

    async fn run<T: Transport, C: Clock>(&self, _: &Worker<T, C>) {}

    fn succeed(&self, _: &Self) {}
}

const URL: (&str, &str) = ("LOGOUT_FLEET__URL", "rediss://:geheim1234@redis.example");

fn read(environment: Environment) -> Result<(Replicas, Settings), Error> {
    from_environment(Replicas::read, environment, &FileOfStart::default())
}

fn read_variables(variables: &[(&str, &str)]) -> Result<(Replicas, Settings), Error> {
    read(Environment::new(variables, None))
}

#[track_caller]
fn error(variables: &[(&str, &str)]) -> String {
    let text = read_variables(variables).unwrap_err().to_string();
    assert!(!text.contains("geheim"), "{text}");
    text
}

#[test]
fn file_and_variables_set_the_keys_of_a_fleet_and_its_broker() {
    let directory = Directory::new("fleet").with(
        "logout.toml",
        "[fleet]\nurl = 'redis://localhost'\nname = 'bakery'\nlead = false\ntimeout = '3s'",
    );
    let environment = Environment::new(&[("LOGOUT_FLEET__TIMEOUT", "4s")], Some(&directory.0));
    let (replicas, settings) = read(environment).unwrap();
    assert!(replicas.0.is_some());
    let fleet = settings.fleet.unwrap();
    assert_eq!(
        (fleet.name.as_str(), fleet.lead, fleet.alone),
        ("bakery", false, true)
    );
    assert_eq!(fleet.timeout.as_secs(), 4);
    assert!(settings.notes.is_empty(), "{:?}", settings.notes);

    let (_, settings) = read_variables(&[URL]).unwrap();
    let fleet = settings.fleet.unwrap();
    assert_eq!(fleet.name, "shop");
    let secrets: Vec<_> = fleet.secrets.iter().map(Secret::expose).collect();
    assert_eq!(secrets, ["geheim1234"]);
}

#[test]
fn what_is_wrong_with_a_fleet_is_told_at_its_key() {
    let missing = error(&[]);
    assert!(missing.contains("fleet.url is missing"), "{missing}");
    assert!(missing.contains("LOGOUT_FLEET__URL"), "{missing}");
    for (variable, value, said) in [
        (
            "URL",
            "geheim",
            "fleet.url is wrong (variable LOGOUT_FLEET__URL): expected an address like rediss://",
        ),
        (
            "URL",
            "redis://:geheim@redis.example",
            "set `fleet.allow_plain = true`",
        ),
        (
            "NAME",
            "{shop}",
            "fleet.name is wrong (variable LOGOUT_FLEET__NAME): expected at least one",
        ),
        (
            "TIMEOUT",
            "0s",
            "fleet.timeout is wrong (variable LOGOUT_FLEET__TIMEOUT): expected a duration above",
        ),
        (
            "LEAD",
            "perhaps",
            "fleet.lead is wrong (variable LOGOUT_FLEET__LEAD)",
        ),
        (
            "TIMEOT",
            "1s",
            "LOGOUT_FLEET__TIMEOT means nothing: did you mean LOGOUT_FLEET__TIMEOUT",
        ),
    ] {
        let name = format!("LOGOUT_FLEET__{variable}");
        let given = match variable {
            "URL" => vec![(name.as_str(), value)],
            _ => vec![URL, (name.as_str(), value)],
        };
        let told = error(&given);
        assert!(told.contains(said), "{told}");
    }
    let plain = [
        ("LOGOUT_FLEET__URL", "redis://redis.example"),
        ("LOGOUT_FLEET__ALLOW_PLAIN", "true"),
    ];
    assert!(read_variables(&plain).is_ok());
}

#[test]
fn a_dry_run_and_one_that_is_off_need_no_broker() {
    for off in [("LOGOUT_DRY_RUN", "true"), ("LOGOUT_ENABLED", "false")] {
        let (replicas, settings) = read_variables(&[off]).unwrap();
        assert!(replicas.0.is_none());
        assert!(settings.fleet.is_none());
        assert!(settings.notes.is_empty(), "{:?}", settings.notes);
    }
}
