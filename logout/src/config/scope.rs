//! The owner of keys: the block, or one of its instances.

use super::sources::variable;
use crate::adapter::Adapter;
use crate::block::Declaration;

/// The owner of keys: the block, whose name is empty here, or an instance.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scope<'a> {
    pub(super) name: &'a str,
    /// Variables that other programs know too, as `(variable, key)`.
    well_known: &'a [(&'a str, &'a str)],
}

impl<'a> Scope<'a> {
    pub(super) fn of<A: Adapter>(declaration: &Declaration) -> Scope<'static> {
        Scope {
            name: declaration.name,
            well_known: if declaration.unnamed {
                A::VARIABLES
            } else {
                &[]
            },
        }
    }

    /// Returns the scope of a table that belongs to no instance.
    #[cfg(feature = "fleet")]
    pub(super) fn named(name: &'a str) -> Self {
        Self {
            name,
            well_known: &[],
        }
    }

    /// Returns the name of the instance, if it is one.
    pub(super) fn instance(self) -> Option<&'a str> {
        Some(self.name).filter(|name| !name.is_empty())
    }

    pub(super) fn path<'k>(self, key: &'k str) -> Vec<&'k str>
    where
        'a: 'k,
    {
        [self.name, key]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// Returns the key in the form of an error: `slack.url`.
    pub(super) fn key(self, key: &str) -> String {
        self.path(key).join(".")
    }

    /// Returns the variables that set `key`, the weakest first.
    pub(super) fn variables(self, prefix: &str, key: &str) -> Vec<String> {
        self.well_known
            .iter()
            .filter(|(_, known)| *known == key)
            .map(|(variable, _)| (*variable).to_owned())
            .chain([variable(prefix, &self.path(key))])
            .collect()
    }
}

#[cfg(feature = "verify")]
/// Returns the variables that set `key` of the instance at `index`, the weakest first.
pub(crate) fn variables<A: Adapter>(
    block: &crate::block::Block,
    index: usize,
    key: &str,
) -> Vec<String> {
    let Some(declaration) = block.instances.get(index) else {
        return Vec::new();
    };
    Scope::of::<A>(declaration).variables(block.env_prefix, key)
}
