//! Settings and secrets, from the block, from files and from the environment.

use std::fmt;

use tracing::level_filters::LevelFilter;

use crate::block::Block;
use crate::dispatch::Instance;
use crate::{Adapter, Error, Secret};

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) text: String,
}

pub(crate) fn write_problems(f: &mut fmt::Formatter<'_>, problems: &[Problem]) -> fmt::Result {
    for problem in problems {
        writeln!(f, "{}", problem.text)?;
    }
    Ok(())
}

/// The settings of the whole block, block and configuration merged.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) enabled: bool,
    pub(crate) project_name: String,
    pub(crate) environment: String,
    pub(crate) release: String,
    pub(crate) level: LevelFilter,
    pub(crate) shutdown_timeout: std::time::Duration,
}

/// The settings every instance has, whatever its adapter.
#[derive(Clone, Debug)]
pub(crate) struct InstanceSettings {
    pub(crate) enabled: bool,
    pub(crate) level: LevelFilter,
    /// Every configured secret of the instance, to be scrubbed from outgoing text.
    pub(crate) secrets: Vec<Secret>,
}

/// The merged configuration while the instances of a block are read from it.
#[derive(Debug)]
pub struct Config {
    block: &'static Block,
    problems: Vec<Problem>,
}

impl Config {
    /// The part of the configuration that belongs to the instance at `index` of the block.
    ///
    /// `options` are the names of the options that the block gives.
    pub fn section(&mut self, index: usize, options: &'static [&'static str]) -> Section<'_> {
        todo!()
    }
}

/// The part of a [`Config`] that belongs to one instance.
#[derive(Debug)]
pub struct Section<'c> {
    config: &'c mut Config,
}

impl Section<'_> {
    /// The instance's adapter with every setting that files and environment give.
    pub fn adapter<A: Adapter>(&mut self) -> A {
        todo!()
    }

    /// Assigns the block's `value` to the option `key`, unless files or environment override it.
    pub fn option<T, V: IntoOption<T>>(&mut self, key: &'static str, field: &mut T, value: V) {
        todo!()
    }

    /// The finished instance.
    pub fn instance<A: Adapter>(self, adapter: A) -> Instance<A> {
        todo!()
    }
}

/// Turns a value written in a `logout!` block into the type of the adapter's field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of an option of type `{T}`",
    label = "expected a value for `{T}`",
    note = "a `Secret` or `SecretUrl` cannot be written in the block: it comes from the environment or a file when the program starts"
)]
pub trait IntoOption<T>: Sized {
    /// The field's value.
    ///
    /// # Errors
    ///
    /// A sentence that says why the value cannot be one.
    fn into_option(self) -> Result<T, String>;
}

impl<T> IntoOption<T> for T {
    fn into_option(self) -> Result<T, String> {
        Ok(self)
    }
}

impl<T> IntoOption<Option<T>> for T {
    fn into_option(self) -> Result<Option<T>, String> {
        Ok(Some(self))
    }
}

impl IntoOption<String> for &str {
    fn into_option(self) -> Result<String, String> {
        Ok(self.to_owned())
    }
}

impl IntoOption<Option<String>> for &str {
    fn into_option(self) -> Result<Option<String>, String> {
        Ok(Some(self.to_owned()))
    }
}

pub(crate) type Read<D> = Result<(D, Settings), Error>;
