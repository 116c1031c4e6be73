//! The configuration of a fleet: its own keys, and those of its broker.

use std::fmt;
use std::time::Duration;

use figment::value::Dict;

use super::adapter_check::AdapterCheck;
use super::context::Context;
use super::fields::{Field, fields};
use super::instance_deserializer::deserialize_with_placeholders;
use super::keys::meaning;
use super::merged_config::Config;
use super::scope::Scope;
use super::section::{InstanceValues, Options, given_keys, without_common};
use super::setting_descriptions::{FLEET_SETTINGS, fleet_setting_names};
use super::settings_reader::SettingsReader;
use super::value::INSECURE;
use super::value_error::{KeyError, ValueError};
use crate::adapter::{AdapterOptions, IntoOption};
use crate::block::keys::Key;
use crate::block::{Fleet, OptionDocs, is_name};
use crate::fleet::Broker;
use crate::text::duration;
use crate::transport::Secret;

/// The name of its table.
const FLEET: &str = "fleet";

/// The error for an address that needs `allow_plain`.
const NEEDS_ALLOW_PLAIN: &str = "its scheme must be `https`; `http` goes to this machine only, or anywhere with `fleet.allow_plain = true`";

/// The settings of a fleet, with block and configuration merged.
#[derive(Clone, Debug)]
pub(crate) struct FleetSettings {
    /// The fleet's name.
    pub(crate) name: String,
    /// Whether it may lead.
    pub(crate) lead: bool,
    /// Whether it sends for itself while the broker is away.
    pub(crate) alone: bool,
    pub(crate) timeout: Duration,
    /// Secrets, which no message may contain.
    pub(crate) secrets: Vec<Secret>,
}

impl Config {
    /// Returns the part of the configuration that belongs to the fleet, with the options that the
    /// block gives its broker, and the documentation of its fields.
    pub fn fleet(&mut self, options: Options, docs: OptionDocs) -> FleetSection<'_> {
        FleetSection {
            config: self,
            options,
            docs,
            given_keys: Vec::new(),
            allows_plain: false,
            is_read: false,
            check: AdapterCheck::default(),
            settings: None,
        }
    }

    /// Lists the keys of the fleet, if the keys are all that is needed; returns whether they are.
    fn list_keys_of_fleet(
        &mut self,
        declared: &Fleet,
        own: Option<&[Field]>,
        options: Options,
        docs: OptionDocs,
    ) -> bool {
        let scope = Scope::named(FLEET);
        let own = own.unwrap_or_default().iter().map(|field| {
            let given = options.iter().find(|(name, _)| *name == field.name);
            let given = given.map(|(_, value)| (*value).to_owned());
            let key = self.adapter_key(scope, field, given);
            Key {
                meaning: meaning(docs, &key),
                ..key
            }
        });
        let of_all = FLEET_SETTINGS.iter().map(|setting| {
            let given = match setting.name {
                "name" => declared.name.map(str::to_owned),
                "lead" => Some(declared.lead.to_string()),
                "alone" => Some(declared.alone.to_string()),
                "timeout" => duration::format(declared.timeout),
                "allow_plain" => Some(declared.allow_plain.to_string()),
                _ => None,
            };
            self.setting_key(scope, setting, given)
        });
        let keys: Vec<_> = own.chain(of_all).collect();
        let Some(listed) = &mut self.listed_keys else {
            return false;
        };
        listed.add(keys);
        true
    }
}

/// The part of a [`Config`] that belongs to the fleet.
pub struct FleetSection<'c> {
    config: &'c mut Config,
    /// The options of the broker in the block.
    options: Options,
    docs: OptionDocs,
    /// The keys of the broker in files and environment.
    given_keys: Vec<String>,
    allows_plain: bool,
    /// Whether the broker can be asked about its settings.
    is_read: bool,
    check: AdapterCheck,
    settings: Option<FleetSettings>,
}

impl fmt::Debug for FleetSection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetSection").finish_non_exhaustive()
    }
}

impl FleetSection<'_> {
    /// Reads the fleet's own keys, and its broker with every setting that files and environment give.
    pub fn broker<B: AdapterOptions>(&mut self) -> B {
        let Some(declared) = self.config.block.fleet else {
            return B::default();
        };
        let (scope, own) = (Scope::named(FLEET), fields::<B>());
        let own = own.as_deref();
        let is_listed = self
            .config
            .list_keys_of_fleet(&declared, own, self.options, self.docs);
        let common: Vec<_> = fleet_setting_names().collect();
        if is_listed {
            return B::default();
        }
        let Some(given) = self.config.collect_given(scope, own, &common) else {
            return B::default();
        };
        self.config.report_unknown_keys(scope, own, &given, &common);
        let (settings, mut wrong) = self.own_keys(&declared, &given.dict);
        let InstanceValues {
            mut dict,
            variable_errors,
            ..
        } = given;
        self.given_keys = given_keys(own, &dict);
        if own.is_some() {
            self.config.note_places(FLEET, own, &dict, &mut self.check);
        }
        let context = Context::new(self.allows_plain);
        let given_later: Vec<_> = self.options.iter().map(|(name, _)| *name).collect();
        if own.is_none() {
            dict = without_common(dict, &common);
        }
        let (broker, errors) =
            deserialize_with_placeholders::<B>(&dict, own, &given_later, &context);
        self.is_read = broker.is_some() && errors.is_empty();
        for key in errors.iter().filter_map(|error| error.key.as_deref()) {
            self.check.add_wrong(key);
        }
        wrong.extend(errors.into_iter().map(of_fleet));
        // A dry run needs no broker.
        if self.config.settings.dry_run {
            wrong.retain(|wrong| !matches!(wrong.error, ValueError::Missing(_)));
        }
        self.config
            .report_variable_errors(scope, variable_errors, &mut wrong);
        self.config.report_key_errors(scope, &dict, wrong);
        self.settings = Some(FleetSettings {
            secrets: context.into_secrets(),
            ..settings
        });
        broker.unwrap_or_default()
    }

    /// Returns the fleet's own settings, and what is wrong with them.
    fn own_keys(&mut self, declared: &Fleet, dict: &Dict) -> (FleetSettings, Vec<KeyError>) {
        let declared_name = declared.name.map(str::to_owned);
        let mut settings = FleetSettings {
            name: declared_name.unwrap_or_else(|| self.standard_name()),
            lead: declared.lead,
            alone: declared.alone,
            timeout: declared.timeout,
            secrets: Vec::new(),
        };
        self.allows_plain = declared.allow_plain;
        let mut reader = SettingsReader::new(dict);
        reader.text("name", &mut settings.name);
        reader.bool("lead", &mut settings.lead);
        reader.bool("alone", &mut settings.alone);
        reader.duration("timeout", &mut settings.timeout);
        reader.bool("allow_plain", &mut self.allows_plain);
        let mut wrong = reader.into_wrong();
        let mut report = |key, why: &str| {
            wrong.push(KeyError::new(key, ValueError::Message(why.to_owned())));
        };
        if settings.timeout.is_zero() {
            report("timeout", "expected a duration above zero");
        }
        if settings.name.is_empty() {
            // Otherwise all fleets without a name would be one.
            wrong.push(KeyError::new("name", ValueError::Missing("name")));
        } else if !is_name(&settings.name) {
            let why = "expected at least one character, and none of {, } and control characters";
            report("name", why);
        }
        (settings, wrong)
    }

    /// Returns the default name: project and environment, made valid for a key of the broker.
    fn standard_name(&self) -> String {
        let settings = &self.config.settings;
        let own = [&settings.project_name, &settings.environment];
        let own = own.into_iter().filter(|part| !part.is_empty());
        let own = own.cloned().collect::<Vec<_>>().join("-");
        own.replace(|c: char| matches!(c, '{' | '}') || c.is_control(), "_")
    }

    /// Assigns the block's `value` to the option `key`, unless files or environment override it.
    pub fn option<T, V: IntoOption<T>>(&mut self, key: &'static str, field: &mut T, value: V) {
        if self.settings.is_none() || self.given_keys.iter().any(|given| given == key) {
            return;
        }
        let is_insecure = value.is_insecure() && !self.allows_plain;
        match value.into_option() {
            Ok(_) if is_insecure => self.report_option(key, NEEDS_ALLOW_PLAIN),
            Ok(value) => *field = value,
            Err(why) => self.report_option(key, &why),
        }
    }

    fn report_option(&mut self, key: &str, why: &str) {
        self.check.add_wrong(key);
        self.config.report_option(FLEET, key, why);
    }

    /// Returns the finished broker; `None` if its settings are incomplete.
    pub fn finish<B: Broker>(self, broker: B) -> Option<B> {
        let settings = self.settings.filter(|_| self.is_read)?;
        if let Err(said) = broker.check() {
            for problem in self.check.problems(FLEET, &said, &settings.secrets) {
                self.config.report(problem);
            }
        }
        self.config.settings.fleet = Some(settings);
        Some(broker)
    }
}

/// Replaces the key that an error about an adapter names with the fleet's key.
fn of_fleet(error: KeyError) -> KeyError {
    match error.error {
        ValueError::Message(text) if text == INSECURE => KeyError {
            error: ValueError::Message(NEEDS_ALLOW_PLAIN.to_owned()),
            ..error
        },
        _ => error,
    }
}
