//! Stand-alone adapters, for the tests of their authors.

use figment::Figment;
use figment::providers::Serialized;

use super::context::Context;
use super::fields::{Field, fields};
use super::instance_deserializer::deserialize;
use super::sources::Sources;
use super::value_error::{KeyError, ValueError, quoted_list, without_secrets};
use crate::adapter::{Adapter, AdapterOptions};
use crate::transport::Secret;

/// Reads an adapter from settings that are written like variables, with its secrets.
pub(crate) fn read_adapter<A: Adapter + AdapterOptions>(
    settings: &[(String, String)],
) -> Result<(A, Vec<Secret>), String> {
    let mut figment = Figment::new();
    for (key, text) in settings {
        figment = figment.merge(Serialized::default(key, text));
    }
    let sources = Sources::from_provider(figment);
    let dict = sources.given().map_err(|problems| problems.join("; "))?;
    let own = fields::<A>();
    let mut problems: Vec<String> = Vec::new();
    if let Some(own) = &own {
        let known: Vec<_> = own.iter().flat_map(Field::names).collect();
        let unknown = dict.keys().filter(|key| !known.contains(&key.as_str()));
        problems.extend(unknown.map(|key| {
            let known = quoted_list(&known, "and");
            format!("`{key}` is not a setting of the adapter, which has {known}")
        }));
    }
    let context = Context::new(false);
    let adapter = deserialize::<A>(dict, own.as_deref(), &[], &context);
    let secrets = context.into_secrets();
    match adapter {
        Err(errors) => {
            problems.extend(errors.into_iter().map(describe));
            Err(problems.join("; "))
        }
        Ok(_) if !problems.is_empty() => Err(problems.join("; ")),
        Ok(adapter) => match adapter.check() {
            Ok(()) => Ok((adapter, secrets)),
            Err(why) if quotes_nothing(&why, &secrets) => Err(why),
            Err(_) => Err("`check` refuses the settings, in words that quote a secret".to_owned()),
        },
    }
}

/// Returns whether no line from an adapter quotes a secret.
fn quotes_nothing(said: &str, secrets: &[Secret]) -> bool {
    said.lines()
        .all(|line| without_secrets(line, secrets).as_deref() == Some(line))
}

/// Returns the names of the settings without which the adapter cannot be read.
pub(crate) fn required_keys<A: Adapter + AdapterOptions>() -> Vec<&'static str> {
    let own = fields::<A>().unwrap_or_default();
    let required = own
        .iter()
        .filter(|field| field.required || field.is_required_secret());
    required.map(|field| field.name).collect()
}

/// Returns the names of all settings of the adapter.
pub(crate) fn key_names<A: Adapter + AdapterOptions>() -> Vec<&'static str> {
    let own = fields::<A>().unwrap_or_default();
    own.iter().flat_map(Field::names).collect()
}

fn describe(error: KeyError) -> String {
    match (error.key, error.error) {
        (Some(key), ValueError::Missing(_)) => format!("`{key}` is missing"),
        (Some(key), error) => format!("`{key}` is wrong: {error}"),
        (None, error) => error.to_string(),
    }
}
