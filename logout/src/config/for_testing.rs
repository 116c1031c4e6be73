//! An adapter read by itself, as it would be for an instance of a block.

use figment::Figment;
use figment::providers::Serialized;

use super::context::Context;
use super::fields::{Field, fields};
use super::instance_deserializer::{Wrong, read};
use super::sources::Sources;
use super::value_error::{ValueError, list, without_secrets};
use crate::adapter::Adapter;
use crate::transport::Secret;

/// The adapter that these settings give, each written as a variable would hold it, and every secret
/// among them; or everything that is wrong with them.
pub(crate) fn read_alone<A: Adapter>(
    settings: &[(String, String)],
) -> Result<(A, Vec<Secret>), String> {
    let mut figment = Figment::new();
    for (key, text) in settings {
        figment = figment.merge(Serialized::default(key, text));
    }
    let sources = Sources::of_program(figment);
    let dict = sources.given().map_err(|problems| problems.join("; "))?;
    let own = fields::<A>();
    let mut problems: Vec<String> = Vec::new();
    if let Some(own) = &own {
        let known: Vec<_> = own.iter().flat_map(Field::names).collect();
        let unknown = dict.keys().filter(|key| !known.contains(&key.as_str()));
        problems.extend(unknown.map(|key| {
            let known = list(&known, "and");
            format!("`{key}` is no setting of the adapter, which has {known}")
        }));
    }
    let surroundings = Context::new(false);
    let adapter = read::<A>(dict, own.as_deref(), &[], &surroundings);
    let secrets = surroundings.into_secrets();
    match adapter {
        Err(wrong) => {
            problems.extend(wrong.into_iter().map(told));
            Err(problems.join("; "))
        }
        Ok(_) if !problems.is_empty() => Err(problems.join("; ")),
        Ok(adapter) => match adapter.check() {
            Ok(()) => Ok((adapter, secrets)),
            Err(why) if without_secrets(&why, &secrets).as_ref() == Some(&why) => Err(why),
            Err(_) => Err("`check` refuses the settings in words that quote a secret".to_owned()),
        },
    }
}

/// The names of the settings without which the adapter cannot be read.
pub(crate) fn required<A: Adapter>() -> Vec<&'static str> {
    let own = fields::<A>().unwrap_or_default();
    let required = own
        .iter()
        .filter(|field| field.required || field.is_required_secret());
    required.map(|field| field.name).collect()
}

/// The names of all settings of the adapter.
pub(crate) fn names<A: Adapter>() -> Vec<&'static str> {
    let own = fields::<A>().unwrap_or_default();
    own.iter().flat_map(Field::names).collect()
}

fn told(wrong: Wrong) -> String {
    match (wrong.key, wrong.fail) {
        (Some(key), ValueError::Missing(_)) => format!("`{key}` is missing"),
        (Some(key), fail) => format!("`{key}` is wrong: {fail}"),
        (None, fail) => fail.to_string(),
    }
}
