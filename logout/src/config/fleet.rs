//! The keys of the fleet.

use std::time::Duration;

use figment::value::{Dict, Value};

use super::merged_config::Config;
use super::scope::Scope;
use super::setting_descriptions::{FLEET_SETTINGS, fleet_setting_names};
use super::settings_reader::SettingsReader;
use super::value_error::{KeyError, ValueError};
use crate::block::keys::Key;
use crate::block::{Block, is_name};
use crate::fleet::Address;
use crate::text::duration;
use crate::transport::Secret;

/// The table that holds them.
const FLEET: &str = "fleet";

/// The fleet of a block, block and configuration merged.
#[derive(Clone, Debug)]
pub(crate) struct FleetSettings {
    pub(crate) address: Address,
    /// Who speaks with one voice.
    pub(crate) name: String,
    /// Whether it sends for others.
    pub(crate) lead: bool,
    /// Whether it sends for itself while the broker is away.
    pub(crate) alone: bool,
    pub(crate) timeout: Duration,
    /// Is to be in no message.
    pub(crate) password: Option<Secret>,
}

impl Config {
    /// Reads the keys of the fleet, if the block is of one.
    pub(super) fn read_fleet(&mut self) {
        let Some(declared) = self.block.fleet else {
            return;
        };
        let scope = Scope::named(FLEET);
        let names: Vec<_> = fleet_setting_names().collect();
        let variable_errors = self.read_variables(scope, &names);
        self.sources.merge();
        let given = self.sources.given().ok();
        let dict = match given.and_then(|given| given.get(FLEET)) {
            Some(Value::Dict(_, dict)) => dict.clone(),
            _ => Dict::new(),
        };
        for (key, value) in &dict {
            if !names.contains(&key.as_str()) {
                self.report_unknown_key(scope, key, value, &names);
            }
        }
        let mut reader = SettingsReader::new(&dict);
        let url = reader.text("url");
        let name = reader.text("name");
        let (lead, alone) = (reader.bool("lead"), reader.bool("alone"));
        let timeout = reader.duration("timeout");
        let allow_plain = reader.bool("allow_plain");
        let mut wrong = reader.into_wrong();
        let address = match url.as_deref().map(Address::parse) {
            None if self.settings.dry_run || !self.settings.enabled => None,
            None => {
                if !wrong
                    .iter()
                    .any(|wrong| wrong.key.as_deref() == Some("url"))
                {
                    wrong.push(KeyError::new("url", ValueError::Missing("url")));
                }
                None
            }
            Some(Ok(address)) => Some(address),
            Some(Err(why)) => {
                wrong.push(KeyError::new("url", ValueError::Message(why)));
                None
            }
        };
        let allows_plain = allow_plain.unwrap_or(declared.allow_plain);
        if address.as_ref().is_some_and(Address::is_open) && !allows_plain {
            let why = "it is not encrypted and leads to another machine; write rediss://, or set `fleet.allow_plain = true`";
            wrong.push(KeyError::new("url", ValueError::Message(why.to_owned())));
        }
        let timeout = timeout.unwrap_or(declared.timeout);
        if timeout.is_zero() {
            let why = "expected a duration above zero";
            wrong.push(KeyError::new(
                "timeout",
                ValueError::Message(why.to_owned()),
            ));
        }
        if name.as_deref().is_some_and(|name| !is_name(name)) {
            let why = "expected at least one character, and none of {, } and control characters";
            wrong.push(KeyError::new("name", ValueError::Message(why.to_owned())));
        }
        let name = name.or_else(|| declared.name.map(str::to_owned));
        let name = name.unwrap_or_else(|| {
            let own = [&self.settings.project_name, &self.settings.environment];
            let own = own.into_iter().filter(|part| !part.is_empty());
            let own = own.cloned().collect::<Vec<_>>().join("-");
            own.replace(|c: char| matches!(c, '{' | '}') || c.is_control(), "_")
        });
        if name.is_empty() {
            // All that have no name would speak with one voice.
            wrong.push(KeyError::new("name", ValueError::Missing("name")));
        }
        self.report_variable_errors(scope, variable_errors, &mut wrong);
        self.report_key_errors(scope, &dict, wrong);
        self.settings.fleet = address.map(|address| FleetSettings {
            password: address.password().cloned(),
            address,
            name,
            lead: lead.unwrap_or(declared.lead),
            alone: alone.unwrap_or(declared.alone),
            timeout,
        });
    }
}

/// Lists the keys of the fleet, if the block is of one.
pub(super) fn keys(config: &Config, block: &Block) -> Vec<Key> {
    let Some(declared) = block.fleet else {
        return Vec::new();
    };
    let keys = FLEET_SETTINGS.iter().map(|setting| {
        let given = match setting.name {
            "name" => declared.name.map(str::to_owned),
            "lead" => Some(declared.lead.to_string()),
            "alone" => Some(declared.alone.to_string()),
            "timeout" => duration::format(declared.timeout),
            "allow_plain" => Some(declared.allow_plain.to_string()),
            _ => None,
        };
        let key = config.setting_key(Scope::named(FLEET), setting, given);
        let is_url = setting.name == "url";
        Key {
            secret: is_url,
            required: is_url,
            ..key
        }
    });
    keys.collect()
}
